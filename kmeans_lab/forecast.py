"""What a plan will cost, from a short probe of each cell, and what makes a block of seconds."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from .blocks import packed
from .compute import Settings, compute, problem, settings
from .datasets import Dataset
from .kernels.silhouette import STORED
from .plan import Cell, cells
from .spec import Spec

PROBE = 0.1  # seconds a cell's probe aims at
SAMPLE = 32  # starts a probe makes at most
BLOCK = 7.0  # seconds of work in a block
ROOM = 64 << 20  # bytes a block may hold in memory before it is written
PROGRAM = 300 << 20  # bytes of Python with its libraries
LONG = 1.0  # seconds from which a cell is worth more blocks than one


class Cost(NamedTuple):
    """What one start of a cell is expected to take."""

    cell: Cell
    seconds: float  # on one core
    steps: float
    room: float  # bytes in memory until its block is written
    bytes: float  # bytes on disk


def predict(spec: Spec, datasets: Mapping[str, Dataset]) -> list[Cost]:
    """Expected costs of a start of each cell; computes a few starts and keeps nothing.

    spec: resolved. datasets: by name.
    """
    return [
        probe(datasets[cell.dataset], cell, settings(spec, cell.dataset), spec.seed)
        for cell in cells(spec)
    ]


def memory(costs: Sequence[Cost], datasets: Mapping[str, Dataset], jobs: int) -> float:
    """Bytes in memory at most: the program, the distances kept, a block for each worker twice."""
    kept = max(len(each.X) for each in datasets.values())
    matrix = 8 * kept**2 if kept <= STORED else 0
    blocks = [starts_per_block(cost, cost.cell.starts, jobs) * cost.room for cost in costs]
    return PROGRAM + matrix + 2 * jobs * max(blocks)


def starts_per_block(cost: Cost, starts: int, jobs: int) -> int:
    """Starts in a block: some seconds of work that fit in memory, and a share for every worker."""
    size = min(BLOCK / max(cost.seconds, 1e-9), ROOM / max(cost.room, 1.0))
    if cost.seconds * starts >= LONG:
        size = min(size, -(-starts // (2 * jobs)))
    return max(1, int(min(size, starts)))


def probe(dataset: Dataset, cell: Cell, chosen: Settings, seed: int = 0) -> Cost:
    """Cost of a start of `cell`, from a few starts, cut off early where they are long."""
    problem(dataset, chosen.silhouette)
    one, _, _ = _attempt(dataset, cell, chosen, seed, 1, 2)
    affordable = PROBE / max(one / 2, 1e-9)  # steps
    starts = int(min(max(affordable / 20, 1), SAMPLE, cell.starts))
    limit = int(min(max(affordable / starts, 4), chosen.max_iter))
    elapsed, steps, runs = _attempt(dataset, cell, chosen, seed, starts, limit)
    made = runs["n_iter"].to_numpy().astype(np.float64)
    cut = runs["status"].to_numpy(zero_copy_only=False) == "max_iter"
    expected = np.where(cut, np.minimum(2 * made, chosen.max_iter), made)
    longer = expected.sum() / max(made.sum(), 1.0)
    return Cost(
        cell,
        elapsed * max(longer, 1.0) / starts,
        float(expected.mean()),
        (steps.nbytes * longer + runs.nbytes) / starts,
        (_bytes(steps) * longer + _bytes(runs)) / starts,
    )


def _attempt(
    dataset: Dataset, cell: Cell, chosen: Settings, seed: int, starts: int, limit: int
) -> tuple[float, Any, Any]:
    ids = np.arange(starts)
    short = replace(chosen, max_iter=min(limit, chosen.max_iter))
    began = time.perf_counter()
    tables = compute(dataset, cell, short, ids, seed + ids)
    assert tables is not None  # nobody asks a probe to stop
    return time.perf_counter() - began, *tables


def _bytes(table: Any) -> int:
    return len(packed(table)) - len(packed(table[:0]))
