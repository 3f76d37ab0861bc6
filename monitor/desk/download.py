"""Files that are made while they are sent: rows go through, never all of them at once.

They are made piece by piece in a thread of their own, so that whoever waits for a page does not wait for them, and two
files are made by turns.
"""

from asyncio import get_running_loop
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Executor
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import quote

from starlette.responses import StreamingResponse

from monitor.tables.spreadsheet import Value, csv_pieces, write_xlsx

CSV, XLSX = "csv", "xlsx"

TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

PIECE = 256 * 1024
"""Bytes sent at once."""

Parts = Iterator[Sequence[Sequence[Value]]]
"""Rows, some at a time."""


class Download(StreamingResponse):
    """A table as a file. `name` is for people and may be Russian, `plain` for programs that know ASCII alone; `title`
    that of its sheet."""

    def __init__(
        self, threads: Executor, kind: str, *, name: str, plain: str, title: str, heads: Sequence[str], parts: Parts
    ) -> None:
        made = csv_pieces(heads, parts) if kind == CSV else _xlsx(title, heads, parts)
        spelled = f"attachment; filename=\"{plain}.{kind}\"; filename*=UTF-8''{quote(f'{name}.{kind}', safe='')}"
        super().__init__(_sent(threads, made), media_type=TYPES[kind], headers={"Content-Disposition": spelled})


async def _sent(threads: Executor, made: Iterator[bytes]) -> AsyncIterator[bytes]:
    loop = get_running_loop()
    while (piece := await loop.run_in_executor(threads, next, made, None)) is not None:
        if piece:  # an empty one would end it
            yield piece


def _xlsx(title: str, heads: Sequence[str], parts: Parts) -> Iterator[bytes]:
    """A workbook has its table of contents at the end: it is complete before the first byte of it goes out."""
    with TemporaryFile() as file:
        for _ in write_xlsx(file, title, heads, parts):
            yield b""
        file.seek(0)
        yield from _pieces(file)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
