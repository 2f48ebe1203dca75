"""Which columns of a table are points and which are the truth, and whether their cells will do."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from .columns import Column, Table
from .points import in_parts


def check_rows(content: Table) -> None:
    """Raises DataError for a table of fewer than two rows."""
    if content.n == 0 or not content.columns:
        raise DataError(f"{content.where} is an empty table; allowed: two rows or more")
    if content.n == 1:
        raise DataError(
            f"{content.where} has a single row, {content.row(0)}; allowed: two rows or more"
        )


def select(
    content: Table, columns: Sequence[str | int] | None, label: Column | None
) -> list[Column]:
    """The feature columns. Raises DataError for none, for one twice, and for the truth."""
    if columns is None:
        chosen = [c for c in content.columns if c.numbers is not None and c is not label]
        if not chosen:
            found = ", ".join(repr(column.name) for column in content.columns)
            beside = f" beside the truth {label.name!r}" if label else ""
            text = f"{content.where} has no numeric column{beside} (columns: {found})"
            raise DataError(f"{text}; allowed: one or more")
        return chosen
    chosen = [content.column(key) for key in columns]
    names = [column.name for column in chosen]
    for i, key in enumerate(columns):
        if chosen[i] is label:
            raise DataError(
                f"{content.where}: truth {key!r} is among the columns; allowed: other columns"
            )
        if names[i] in names[:i]:
            raise DataError(f"{content.where}: column {key!r} is chosen twice; allowed: once")
    if not chosen:
        raise DataError(f"{content.where}: no columns are chosen; allowed: one or more")
    return chosen


def together(content: Table, columns: Sequence[Column]) -> NDArray[np.float64]:
    """Finite numbers (n, d) of some columns. Raises DataError with the first cell that is none."""
    X, every = content.points, [c for c in content.columns if c.numbers is not None]
    same = len(columns) == len(every) and all(a is b for a, b in zip(columns, every, strict=True))
    if X is not None and same and all(np.isfinite(part).all() for part in in_parts(X)):
        return X
    chosen = np.empty((content.n, len(columns)))
    for j, column in enumerate(columns):
        chosen[:, j] = numbers(content, column)
    return chosen


def numbers(content: Table, column: Column) -> NDArray[np.float64]:
    """A column's finite numbers (n,). Raises DataError with the first cell that holds none."""
    if column.numbers is not None and np.isfinite(column.numbers).all():
        return column.numbers
    bad = [True] * content.n if column.numbers is None else ~np.isfinite(column.numbers)
    raise _refused(content, column, np.flatnonzero(bad), "finite number")


def _refused(content: Table, column: Column, bad: NDArray[np.intp], wanted: str) -> DataError:
    """How many cells hold none of what is wanted, and the first of them."""
    first = int(bad[0])
    share = "all" if len(bad) == content.n else f"{len(bad)} of"
    verb = "holds" if len(bad) == 1 else "hold"
    text = f"{content.where}: column {column.name!r}: {share} {content.n} cells {verb} no {wanted}"
    cell = _shown(column.cells()[first])
    return DataError(f"{text}, the first is {cell}, {content.row(first)}; allowed: one in each")


def labels(content: Table, label: Column) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Codes (n,) and the groups' names, in the order of numbers or of the alphabet."""
    cells = label.cells()
    missing = np.flatnonzero([_is_missing(cell) for cell in cells])
    if missing.size:
        raise _refused(content, label, missing, "label")
    numeric = label.numbers is not None and not np.isnan(label.numbers).any()
    groups = [_group(cell, numeric) for cell in cells]
    names = sorted(set(groups), key=lambda name: (float(name) if numeric else 0.0, name))
    code = {name: i for i, name in enumerate(names)}
    return np.array([code[group] for group in groups], dtype=np.int64), tuple(names)


def _is_missing(cell: Any) -> bool:
    if isinstance(cell, str):
        return cell.strip().lower() in ("", "nan")
    return cell is None or cell != cell


def _group(cell: Any, numeric: bool) -> str:
    """The name of a cell's group; 1, 1.0 and 1e0 are one group."""
    value = float(cell) if numeric else math.nan
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else str(cell)


def _shown(cell: Any) -> str:
    text = repr(cell)
    return text if len(text) <= 40 else f"{text[:39]}…"
