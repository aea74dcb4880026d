"""CSV, Excel and JSON files as rows, and column mappings: any cell becomes a typed value or a remark."""
