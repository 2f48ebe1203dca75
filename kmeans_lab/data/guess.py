"""What a study of a table would begin with: columns, labels, scale and k, each with its reason."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from .columns import Column, Table
from .datasets import Dataset, distinct, from_table
from .selection import check_rows, labels

LABEL_WORDS = (
    *("label", "labels", "class", "classes", "species", "target", "truth", "group", "cluster"),
    *("category", "diagnosis", "digit", "type"),
)
MOST_GROUPS = 100  # a column of more different cells holds no labels
APART = 10  # spreads that differ by more than this factor want a scale
RANGE = (2, 3, 4, 5, 6)  # k where nothing tells how many groups there are

Columns = dict[str, NDArray[np.float64]]


class Guess(NamedTuple):
    """What a spec would say of a table, and why."""

    columns: tuple[str, ...]
    truth: str | None
    scale: str
    k: tuple[int, ...]
    reasons: tuple[str, ...]


def guess(content: Table) -> Guess:
    """A first choice that a study can run with. Raises DataError where the table allows none."""
    check_rows(content)
    label = _label(content)
    truth = label.name if label else None
    features, left_out = _features(content, label)
    scale, spreads = _scale(features)
    # Without a usable column this raises, and tells what is wrong with those that are there.
    dataset = from_table(content, name="", columns=list(features) or None, truth=truth, scale=scale)
    k, origin = _k(dataset)
    reasons = (
        *_rows(content),
        f"columns: {_listed(dataset.features)}",
        *left_out,
        f"truth: {truth!r}, {len(dataset.truth_names)} groups" if label else "truth: none found",
        f"scale: {scale}, {spreads}",
        f"k: {', '.join(map(str, k))}, {origin}",
    )
    return Guess(dataset.features, truth, scale, k, reasons)


def _rows(content: Table) -> Iterator[str]:
    """How many points there are, and whether the first may be a header made of numbers."""
    yield f"points: {content.n}, the first in {content.row(0)}"
    first = [column.numbers[0] for column in content.columns if column.numbers is not None]
    counted = [np.arange(begin, begin + len(content.columns)) for begin in (0, 1)]
    if len(first) > 1 and any(np.array_equal(first, numbers) for numbers in counted):
        yield f"beware: {content.row(0)} counts the columns, and is taken as a point: no header"


def _label(content: Table) -> Column | None:
    """A column named as labels are, else the last one of text; with a few groups in it."""
    named = [column for column in content.columns if _is_named(column.name)]
    texts = [column for column in content.columns if column.numbers is None]
    found = (column for column in (*named, *reversed(texts)) if _is_label(content, column))
    return next(found, None)


def _is_named(name: str) -> bool:
    words = "".join(c if c.isalpha() else " " for c in name.casefold()).split()
    return bool(words) and words[-1] in LABEL_WORDS


def _is_label(content: Table, column: Column) -> bool:
    if column.numbers is not None:
        finite = column.numbers[np.isfinite(column.numbers)]
        if (finite != np.rint(finite)).any():
            return False
    try:
        groups = labels(content, column)[1]
    except DataError:  # a label is missing
        return False
    return 2 <= len(groups) <= min(MOST_GROUPS, content.n // 2)


def _features(content: Table, label: Column | None) -> tuple[Columns, list[str]]:
    """The finite numbers by column, without a first one that counts the rows; what is left out."""
    numeric = {
        c.name: c.numbers for c in content.columns if c.numbers is not None and c is not label
    }
    features: Columns = {}
    left_out = []
    for name, values in numeric.items():
        bad = int((~np.isfinite(values)).sum())
        first = name == content.columns[0].name and len(numeric) > 1
        if first and values[0] in (0, 1) and (values == values[0] + np.arange(len(values))).all():
            left_out.append(f"left out: {name!r}, it counts the rows")
        elif bad:
            left_out.append(f"left out: {name!r}, {bad} of {len(values)} cells no finite number")
        else:
            features[name] = values
    return features, left_out


def _scale(features: Columns) -> tuple[str, str]:
    """Standard where one column would drown another, and how far their spreads are apart."""
    halves = [values / 2 for values in features.values()]  # no spread of theirs overflows
    spreads = [half.max() - half.min() for half in halves if half.max() > half.min()]
    if len(spreads) < 2:
        return "none", "no two columns vary"
    ratio = max(spreads) / min(spreads)
    return "standard" if ratio > APART else "none", f"the columns' spreads differ {ratio:.3g}-fold"


def _k(dataset: Dataset) -> tuple[tuple[int, ...], str]:
    groups = len(dataset.truth_names)
    most = distinct(dataset.X, max(groups, *RANGE))
    if groups:
        return (min(groups, most),), f"as {dataset.truth_column!r} has {groups} groups"
    return tuple(k for k in RANGE if k <= most) or (1,), "a first range"


def _listed(names: Iterable[str]) -> str:
    """Names in quotes, of many only the first ones."""
    quoted = [repr(name) for name in names]
    more = f" … {len(quoted)} in all" if len(quoted) > 8 else ""
    return ", ".join(quoted[:8]) + more
