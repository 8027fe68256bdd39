"""Find lines that are records: list items, entries of logs, rows of tables."""
