"""CSV files as tables: comma-separated UTF-8, read in batches of rows."""

import csv
import io
import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from .columns import Column, Table, read_text, table

SEPARATORS = (";", "\t", " ")
BATCH = 1 << 14  # rows that are text at one time: a tenth of the memory of all


class Row(NamedTuple):
    """A row's cells, and the line it ends in, from 1."""

    cells: list[str]
    line: int


def read_csv(path: Path) -> Table:
    """The columns of a CSV file; its first row is a header if any of its cells is not a number.

    Raises DataError with the line that is no row, or not as long as the first.
    """
    text = read_text(path).encode()
    rows = _rows(path, text)
    head = list(islice(rows, 2))
    if not head:
        raise DataError(f"{path} is empty; allowed: a table of two rows or more")
    _check_separator(path, head)
    first = head[0].cells
    is_header = any(_number(cell) is None for cell in first)
    names = [(cell.strip() if is_header else "") or f"x{j}" for j, cell in enumerate(first)]
    columns = [_Builder() for _ in names]
    lines: list[int] = []
    for batch in _batches(chain(head[is_header:], rows)):
        _check_width(path, head[0], batch)
        lines += [row.line for row in batch]
        for j, column in enumerate(columns):
            column.add([row.cells[j] for row in batch])
    read = [
        column.column(name, partial(_cells, path, text, int(is_header), j))
        for j, (name, column) in enumerate(zip(names, columns, strict=True))
    ]
    return table(str(path), len(lines), read, lambda i: f"line {lines[i]}")


def _rows(path: Path, text: bytes) -> Iterator[Row]:
    """The rows; blank lines at the end are none."""
    stream = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline="")
    reader = csv.reader(stream, strict=True, skipinitialspace=True)
    blank: list[Row] = []
    try:
        for cells in reader:
            row = Row(cells, reader.line_num)
            if len(cells) < 2 and not "".join(cells).strip():
                blank.append(row)
                continue
            yield from blank
            blank.clear()
            yield row
    except csv.Error as problem:
        wrong = f"{path}: line {reader.line_num} is no comma-separated row: {problem}"
        raise DataError(f"{wrong}; allowed: cells, quoted or not, with commas between") from None


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _cells(path: Path, text: bytes, skip: int, j: int) -> list[str]:
    return [row.cells[j].strip() for row in islice(_rows(path, text), skip, None)]


def _check_width(path: Path, first: Row, batch: Sequence[Row]) -> None:
    for row in batch:
        if len(row.cells) != len(first.cells):
            found = f"line {row.line} has {_counted(row)}, line {first.line} has {_counted(first)}"
            raise DataError(f"{path}: {found}; allowed: rows of equal length")


def _counted(row: Row) -> str:
    return "1 cell" if len(row.cells) == 1 else f"{len(row.cells)} cells"


def _check_separator(path: Path, head: Sequence[Row]) -> None:
    """Refuse what another separator made of numbers: `1,5;2,5` would pass as other columns."""
    first, cells = head[0].cells, head[-1].cells
    for mark in SEPARATORS if len(cells) == 1 else SEPARATORS[:2]:
        parts = [cell.split(mark) for cell in cells if mark in cell]
        numeric = any(all(_number(part) is not None for part in p if part.strip()) for p in parts)
        alone = len(first) == len(cells) == 1 and mark in first[0] and mark != " "
        if numeric or (parts and alone):
            raise DataError(f"{path}: cells are separated by {mark!r}; allowed: commas")


class _Builder:
    """A column while its file is read; cells are kept as long as none of them is a number."""

    def __init__(self) -> None:
        self.parts = [np.empty(0)]
        self.texts: list[str] = []
        self.has_number = self.has_text = False

    def add(self, cells: Sequence[str]) -> None:
        """The cells of some more rows."""
        try:
            if "_" in "".join(cells):
                raise ValueError
            numbers = np.fromiter(map(float, cells), np.float64, len(cells))
            self.has_number = True
        except ValueError:
            numbers = self._some(cells)
        self.parts.append(numbers)
        if self.has_number:
            self.texts.clear()
        else:
            self.texts.extend(cell.strip() for cell in cells)

    def _some(self, cells: Sequence[str]) -> NDArray[np.float64]:
        """Numbers where there are any."""
        values = [_number(cell) for cell in cells]
        self.has_number |= any(value is not None for value in values)
        self.has_text |= any(v is None and c.strip() for v, c in zip(values, cells, strict=True))
        return np.array([math.nan if value is None else value for value in values])

    def column(self, name: str, cells: Callable[[], list[str]]) -> Column:
        """The column; text is what has a word and no number. `cells` reads what was not kept."""
        if self.has_text and not self.has_number:
            return Column(name, None, lambda: self.texts)
        return Column(name, np.concatenate(self.parts), cells)


def _number(cell: str) -> float | None:
    """A cell's number, nan and inf included; 1_000 is none, though Python reads it."""
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None
