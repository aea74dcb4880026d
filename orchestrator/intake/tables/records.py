"""From the rows of a table to records of a mapping: leaves out what the mapping skips, keeps aside what is no row."""

from collections.abc import Iterator

from orchestrator.intake.tables.cells import Readers, Record
from orchestrator.intake.tables.mapping import Binding, ColumnMapping, bind
from orchestrator.intake.tables.report import RefusedRow, Remark
from orchestrator.intake.tables.rows import BadRow, Table


class Records:
    """The records of a table, once; `skipped` and `unreadable` are complete when they have been read."""

    def __init__(self, table: Table, binding: Binding) -> None:
        self._table = table
        self.binding = binding
        self.skipped = 0
        self.unreadable: list[RefusedRow] = []

    def column(self, field: str) -> str:
        """The file's own name of a field."""
        return self.binding.column(field)

    def __iter__(self) -> Iterator[Record]:
        readers = Readers(self.binding.mapping)
        for row in self._table.rows:
            if isinstance(row, BadRow):
                remark = Remark(row.line, "", row.code, row.message, row.hint)
                self.unreadable.append(RefusedRow(line=row.line, remarks=(remark,)))
            elif self.binding.skips(row.cells):
                self.skipped += 1
            else:
                yield Record(row.line, row.cells, self.binding, readers)


def records_of(table: Table, mapping: ColumnMapping) -> Records:
    """The records of a table. Raises FileError when its columns do not fit the mapping."""
    return Records(table, bind(mapping, table))
