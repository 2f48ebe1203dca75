"""Files as tables of named columns, each cell still to be judged by whoever wants it as a number."""

import csv
import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .errors import DataError, suggest

SEPARATORS = (";", "\t", " ")


class Column(NamedTuple):
    """A column as it stands in its file."""

    name: str
    numbers: NDArray[np.float64] | None  # (n,), NaN where a cell holds none; None: a column of text
    cells: Callable[[], Sequence[Any]]  # (n,), what stands there


class Table(NamedTuple):
    """The columns of a file or a built-in data set, and how its rows are called in messages."""

    where: str
    columns: tuple[Column, ...]
    row: Callable[[int], str]

    def column(self, key: str | int) -> Column:
        """The column of a name, or of an index from 0. Raises DataError where there is none."""
        names = [column.name for column in self.columns]
        if isinstance(key, int):
            if not 0 <= key < len(names):
                allowed = f"0 to {len(names) - 1}, or a name"
                raise DataError(f"no column {key} in {self.where}; allowed: {allowed}")
            return self.columns[key]
        if key not in names:
            raise DataError(f"unknown column {key!r} in {self.where}{suggest(key, names)}")
        return self.columns[names.index(key)]


def table(where: str, columns: Sequence[Column], row: Callable[[int], str] | None = None) -> Table:
    """A table whose columns have a name each. Raises DataError for a name that is there twice."""
    names = [column.name for column in columns]
    for i, name in enumerate(names):
        if (first := names.index(name)) < i:
            text = f"{where}: columns {first} and {i} (from 0) are both named {name!r}"
            raise DataError(f"{text}; allowed: each name once")
    return Table(where, tuple(columns), row or _row)


def array_table(where: str, X: NDArray[Any], names: Sequence[str] = ()) -> Table:
    """The columns of an array (n, d) of numbers, called x0, x1, … where `names` does not tell."""
    names = names or [f"x{j}" for j in range(X.shape[1])]
    columns = [
        Column(name, X[:, j].astype(np.float64), X[:, j].tolist) for j, name in enumerate(names)
    ]
    return table(where, columns)


def read_text(path: Path, error: type[ValueError] = DataError) -> str:
    """A UTF-8 file's text, without a byte order mark. Raises `error` with the line that is not."""
    data = _read(path, error)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise error(f"{path}: line {line} is not UTF-8 text; allowed: UTF-8") from None


def read_csv(path: Path) -> Table:
    """Comma-separated UTF-8; the first row names the columns if any of its cells is not a number."""
    rows, lines = _csv_rows(path)
    _check_separator(path, rows)
    width = len(rows[0])
    for cells, line in zip(rows, lines, strict=True):
        if len(cells) != width:
            text = f"{path}: line {line} has {_cells(len(cells))}, line {lines[0]} has {width}"
            raise DataError(f"{text}; allowed: rows of equal length")
    names = [f"x{j}" for j in range(width)]
    if any(_number(cell) is None for cell in rows[0]):
        names = [cell or name for cell, name in zip(rows[0], names, strict=True)]
        rows, lines = rows[1:], lines[1:]
    columns = [_csv_column(name, [cells[j] for cells in rows]) for j, name in enumerate(names)]
    return table(str(path), columns, lambda i: f"line {lines[i]}")


def _csv_rows(path: Path) -> tuple[list[list[str]], list[int]]:
    """The rows and the line each ends in; blank lines at the end do not count."""
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    rows, lines = [], []
    try:
        for cells in reader:
            rows.append([cell.strip() for cell in cells])
            lines.append(reader.line_num)
    except csv.Error as problem:
        text = f"{path}: line {reader.line_num} is no comma-separated row: {problem}"
        raise DataError(f"{text}; allowed: cells, quoted or not, with commas between") from None
    while rows and not any(rows[-1]) and len(rows[-1]) < 2:
        rows.pop()
        lines.pop()
    if not rows:
        raise DataError(f"{path} is empty; allowed: a table of two rows or more")
    return rows, lines


def _check_separator(path: Path, rows: list[list[str]]) -> None:
    """Refuse what another separator made of numbers: `1,5;2,5` would pass as other columns."""
    row = rows[min(1, len(rows) - 1)]
    for mark in SEPARATORS if len(row) == 1 else SEPARATORS[:2]:
        for parts in (cell.split(mark) for cell in row):
            if len(parts) > 1 and all(_number(part) is not None for part in parts if part):
                raise DataError(f"{path}: cells are separated by {mark!r}; allowed: commas")


def _csv_column(name: str, cells: list[str]) -> Column:
    values = [_number(cell) for cell in cells]
    known = sum(value is not None for value in values)
    if known == 0 and any(cells):
        return Column(name, None, lambda: cells)
    numbers = np.array([math.nan if value is None else value for value in values])
    return Column(name, numbers, lambda: cells)


def _number(cell: str) -> float | None:
    """A cell's number, nan and inf included; 1_000 is none, though Python reads it."""
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def read_npy(path: Path) -> Table:
    """An array (n, d) of real numbers, or (n,) for one feature; never unpickles."""
    data = _read(path)
    try:
        X = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError, MemoryError) as problem:
        reason = str(problem).splitlines()[0] if str(problem) else "it is cut short"
        raise DataError(f"{path}: {reason}; allowed: a .npy file of real numbers") from None
    return array_table(str(path), real_points(X, str(path)))


def real_points(X: NDArray[Any], where: str) -> NDArray[Any]:
    """`X` (n, d), or (n,) as (n, 1). Raises DataError for other shapes and for no real numbers."""
    if X.dtype.kind not in "iuf":
        raise DataError(f"{where} holds {X.dtype} values; allowed: integers or floats")
    if X.ndim not in (1, 2):
        raise DataError(f"{where} has shape {X.shape}; allowed: (n, d), or (n,) for one feature")
    return X.reshape(len(X), -1) if X.ndim == 1 and len(X) else X.reshape(len(X), *X.shape[1:])


def read_parquet(path: Path) -> Table:
    """The columns of a Parquet file; pandas' unnamed index is none of them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = _read(path)
    try:
        content = pq.ParquetFile(pa.BufferReader(data)).read()
    except (pa.ArrowException, OSError) as problem:
        reason = str(problem).splitlines()[0]
        raise DataError(f"{path}: {reason}; allowed: a Parquet file") from None
    columns = [
        _arrow_column(name, content.column(j))
        for j, name in enumerate(content.column_names)
        if not name.startswith("__index_level_")
    ]
    return table(str(path), columns)


def _arrow_column(name: str, column: Any) -> Column:
    import pyarrow as pa

    kind = column.type
    checks = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    if not any(check(kind) for check in checks):
        return Column(name, None, column.to_pylist)
    numbers = column.cast(pa.float64(), safe=False).to_numpy()  # null reads as NaN
    return Column(name, np.asarray(numbers, dtype=np.float64), column.to_pylist)


READERS: dict[str, Callable[[Path], Table]] = {
    ".csv": read_csv,
    ".parquet": read_parquet,
    ".npy": read_npy,
}


def _read(path: Path, error: type[ValueError] = DataError) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise error(f"cannot read {path}: {problem.strerror}") from None


def _row(i: int) -> str:
    return f"row {i + 1} (the first is 1)"


def _cells(number: int) -> str:
    return "1 cell" if number == 1 else f"{number} cells"
