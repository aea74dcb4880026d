"""The different values of a column, by one step in its index for each: for a few among millions of rows."""

from typing import Any

from sqlalchemy import Column, Connection, func, select


def values_of(conn: Connection, column: Column[Any], *, most: int) -> list[str]:
    """At most so many texts that the column holds, in order, without the empty one. An index begins with it."""
    found: list[str] = []
    last = ""
    while len(found) < most:
        following = conn.execute(select(func.min(column)).where(column > last)).scalar()
        if following is None:
            break
        found.append(following)
        last = following
    return found
