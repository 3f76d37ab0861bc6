"""Files of rows: CSV, TSV, JSON, JSON lines and XLSX as reviews' fields, whatever program wrote them.

Pure: bytes go in, rows come out. What a format is, its content says first and its name second.
"""

from monitor.tables.columns import Field
from monitor.tables.table import BadRow, Cell, Row, Table, Unreadable, read_table

__all__ = ["BadRow", "Cell", "Field", "Row", "Table", "Unreadable", "read_table"]
