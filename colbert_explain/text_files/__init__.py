"""Read documents from a user's files, for the page and the command line."""

from colbert_explain.text_files.arguments import documents_in_argument
from colbert_explain.text_files.csv_rows import frame_as_csv
from colbert_explain.text_files.decoding import (
    FileRefused,
    decode,
    kind_of,
    short_file_name,
    short_name,
)
from colbert_explain.text_files.documents import (
    ColumnChoice,
    documents_in_bytes,
    documents_in_path,
)
from colbert_explain.text_files.tables import Table, choose_rows, read_table

__all__ = [
    "ColumnChoice",
    "FileRefused",
    "Table",
    "choose_rows",
    "decode",
    "documents_in_argument",
    "documents_in_bytes",
    "documents_in_path",
    "frame_as_csv",
    "kind_of",
    "read_table",
    "short_file_name",
    "short_name",
]
