"""What a study consists of, as pure data: cells, the starts they lack, blocks of starts."""

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .spec import Data, Spec

NAME = re.compile(r"c(\d+)-(\d+)-(\d+)")  # of a block: its cell, the places of its seeds


@dataclass(frozen=True)
class Cell:
    """All starts that share data set, k and init."""

    dataset: str
    k: int
    init: str
    index: int  # its place in the spec's order data, k, init
    starts: int
    deterministic: bool = False  # then one start says all
    census: bool = False  # its starts are all that there are, a seed is the rank of one

    @property
    def label(self) -> str:
        """The cell's name, as iris/3/random."""
        return f"{self.dataset}/{self.k}/{self.init}"


@dataclass(frozen=True, eq=False)
class Block:
    """Starts of one cell that are computed and committed together."""

    name: str
    cell: Cell
    runs: NDArray[np.int64]  # (R,), ids
    seeds: NDArray[np.int64]  # (R,)

    def __reduce__(self) -> tuple[Any, ...]:
        """To a worker it goes as its ends where it has no gaps, however many starts it is of."""
        return _block, (self.name, self.cell, _ends(self.runs), _ends(self.seeds))


def _ends(values: NDArray[np.int64]) -> range | NDArray[np.int64]:
    steps = np.diff(values)
    if not steps.size or (steps != steps[0]).any() or steps[0] <= 0:
        return values
    return range(int(values[0]), int(values[-1]) + 1, int(steps[0]))


def _block(name: str, cell: Cell, *places: range | NDArray[np.int64]) -> Block:
    runs, seeds = (np.asarray(each, dtype=np.int64) for each in places)
    return Block(name, cell, runs, seeds)


def cells(spec: Spec) -> tuple[Cell, ...]:
    """The cells of a spec in the order data, k, init."""
    triples = itertools.product(spec.data, spec.grid.k, spec.grid.init)
    return tuple(_cell(spec, *triple, index) for index, triple in enumerate(triples))


def _cell(spec: Spec, data: Data, k: int, init: str, index: int) -> Cell:
    if _deterministic(init):
        return Cell(data.label, k, init, index, 1, deterministic=True)
    if isinstance(spec.runs, int):
        return Cell(data.label, k, init, index, spec.runs)
    return Cell(data.label, k, init, index, math.perm(data.points or 0, k), census=True)


def _deterministic(init: str) -> bool:
    from ..kernels.initializers import INITIALIZERS

    return init in INITIALIZERS and INITIALIZERS[init].deterministic


def ids(spec: Spec, cell: Cell) -> NDArray[np.int64]:
    """Ids of a cell's starts: i·C + c for the i-th seed and the c-th of C cells."""
    count = len(spec.data) * len(spec.grid.k) * len(spec.grid.init)
    return np.arange(cell.starts, dtype=np.int64) * count + cell.index


@dataclass(frozen=True)
class Shard:
    """The number-th of `of` disjoint parts of a study, each with as many starts of every cell."""

    number: int = 1
    of: int = 1

    @property
    def label(self) -> str:
        """The part's name in a file's name."""
        return f"{self.number}-of-{self.of}"

    def ids(self, spec: Spec) -> NDArray[np.int64]:
        """Ids (m,) of the starts of this part."""
        parts = [ids(spec, cell)[slice(*self._places(cell))] for cell in cells(spec)]
        return np.concatenate(parts)

    def _places(self, cell: Cell) -> tuple[int, int]:
        """First place of a cell's seeds in this part, and the one after its last."""
        part = (self.number - 1 + cell.index) % self.of  # so that single starts go round
        return cell.starts * part // self.of, cell.starts * (part + 1) // self.of

    def owns(self, spec: Spec, name: str) -> bool:
        """Whether all starts of the block `name` are of this part."""
        return self.of == 1 or any(
            a <= first and last < b for first, last, a, b in self._at(spec, name)
        )

    def meets(self, spec: Spec, name: str) -> bool:
        """Whether some starts of the block `name` may be of this part."""
        return self.of == 1 or any(
            first < b and a <= last for first, last, a, b in self._at(spec, name)
        )

    def _at(self, spec: Spec, name: str) -> Iterator[tuple[int, int, int, int]]:
        if match := NAME.match(name):
            place, first, last = map(int, match.groups())
            for cell in cells(spec)[place : place + 1]:
                yield first, last, *self._places(cell)


WHOLE = Shard()


def missing(
    spec: Spec, done: NDArray[np.int64], only: NDArray[np.int64] | None = None
) -> dict[Cell, NDArray[np.int64]]:
    """Ids that are not among `done` (m,), by cell; a cell that lacks none is left out.

    only: (m,), where given, ids that count; others are not looked for.
    """
    lacking = {cell: _among(ids(spec, cell), done, invert=True) for cell in cells(spec)}
    if only is not None:
        lacking = {cell: _among(runs, only) for cell, runs in lacking.items()}
    return {cell: runs for cell, runs in lacking.items() if runs.size}


def _among(
    runs: NDArray[np.int64], others: NDArray[np.int64], invert: bool = False
) -> NDArray[np.int64]:
    return runs[np.isin(runs, others, invert=invert)]


def blocks(spec: Spec, cell: Cell, lacking: NDArray[np.int64], size: int) -> Iterator[Block]:
    """Blocks of up to `size` of the starts that a cell lacks (m,)."""
    count = len(cells(spec))
    for begin in range(0, len(lacking), size):
        runs = lacking[begin : begin + size]
        i = runs // count
        name = f"c{cell.index:04d}-{i[0]:09d}-{i[-1]:09d}"
        yield Block(name, cell, runs, spec.seed + i)


def ids_in(spec: Spec, name: str) -> NDArray[np.int64]:
    """Ids that a block of this name may hold: those of its cell from its first to its last seed."""
    if not (match := NAME.match(name)):
        return np.empty(0, np.int64)
    place, first, last = map(int, match.groups())
    lists = [ids(spec, cell) for cell in cells(spec) if cell.index == place]
    mine = np.concatenate([np.empty(0, np.int64), *lists])
    i = mine // len(cells(spec))
    return mine[(i >= first) & (i <= last)]
