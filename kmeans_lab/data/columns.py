"""A table of named columns, as it stands in a file: not yet judged by anyone who wants numbers."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, suggest


class Column(NamedTuple):
    """A column as it stands in its file."""

    name: str
    numbers: NDArray[np.float64] | None  # (n,), NaN where a cell holds none; None: a column of text
    cells: Callable[[], Sequence[Any]]  # (n,), what stands there; may read the file again


class Table(NamedTuple):
    """The columns of a file or a built-in data set, and how its rows are called in messages."""

    where: str
    n: int  # rows
    columns: tuple[Column, ...]
    row: Callable[[int], str]
    points: NDArray[np.float64] | None = None  # (n, d), the columns of numbers, if they lie so

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


def table(
    where: str,
    n: int,
    columns: Sequence[Column],
    row: Callable[[int], str] | None = None,
    points: NDArray[np.float64] | None = None,
) -> Table:
    """A table whose columns have a name each. Raises DataError for a name that is there twice."""
    seen: dict[str, int] = {}
    for i, column in enumerate(columns):
        if (first := seen.setdefault(column.name, i)) < i:
            text = f"{where}: columns {first} and {i} (from 0) are both named {column.name!r}"
            raise DataError(f"{text}; allowed: each name once")
    return Table(where, n, tuple(columns), row or (lambda i: f"row {i + 1} (from 1)"), points)


def read_bytes(path: Path, error: type[ValueError] = DataError) -> bytes:
    """A file's bytes. Raises `error` where they cannot be had."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise error(f"cannot read {path}: {problem.strerror}") from None
    except ValueError as problem:  # a NUL in the path
        raise error(f"cannot read {str(path)!r}: {problem}") from None


def read_text(path: Path, error: type[ValueError] = DataError) -> str:
    """A UTF-8 file's text, without a byte order mark. Raises `error` with the line that is not."""
    data = read_bytes(path, error)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise error(f"{path}: line {line} is not UTF-8 text; allowed: UTF-8") from None
