"""The rows of a study, held against its spec: of the cells that they name, as wide as its data.

What a row says by itself was judged when it was read, see trace/sense.py.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..arrow import column, numbers, texts
from ..errors import RunError
from ..kernels.batch import label_type
from ..spec.plan import Cell
from .store import Store


def runs_of(store: Store, cells: Sequence[Cell]) -> Any:
    """All starts, as an Arrow table in the order of `run`. RunError where one is of no cell."""
    rows = store.runs()
    run = numbers(rows["run"])
    place = run % len(cells)
    if (np.diff(run, prepend=-1) <= 0).any():
        raise RunError(
            f"{store.folder / 'runs'} is damaged (a start stands there twice); "
            f"`kmeans-lab verify {store.folder} --repair` mends what checksums.txt tells"
        )
    for name in ("dataset", "k", "init"):
        named = [getattr(cell, name) for cell in cells]
        known = column(np.array(named, np.int32)) if name == "k" else texts(named)
        _judge(store, "runs", name, pc.equal(rows[name], known.take(column(place))))
    _check_widths(store, "runs", rows, cells, place)
    return rows


def steps_of(store: Store, cell: Cell, runs: Collection[int]) -> Any:
    """The steps of some starts of a cell, as an Arrow table. RunError where one is not."""
    rows = store.steps(runs)
    _check_widths(store, "steps", rows, [cell], np.zeros(len(rows), np.int64))
    return rows


def _check_widths(
    store: Store, table: str, rows: Any, cells: Sequence[Cell], place: NDArray[np.int64]
) -> None:
    shapes = [(cell.k, *store.first(cell.dataset)["shape"]) for cell in cells]
    centers = np.array([k * d for k, _, d in shapes], np.int64)
    labels = np.array([n * label_type(k).itemsize for k, n, _ in shapes], np.int64)
    length = pc.list_value_length(rows["centers"])
    _judge(store, table, "centers", pc.equal(length, column(centers[place])))
    length = pc.binary_length(rows["labels"])
    _judge(store, table, "labels", pc.equal(length, column(labels[place])))


def _judge(store: Store, table: str, name: str, right: Any) -> None:
    """Raise RunError where rows are not right; a null is neither."""
    if pc.any(pc.invert(right)).as_py():
        folder = store.folder
        raise RunError(
            f"{folder / table} is damaged ({name} that are of no start of its cell); "
            f"`kmeans-lab verify {folder} --repair` mends what checksums.txt tells"
        )
