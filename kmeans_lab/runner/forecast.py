"""What a plan will cost, from a short probe of each cell, and what makes a block of seconds."""

import heapq
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arrow import empty, numbers
from ..data.datasets import Dataset
from ..kernels.batch import thread_room
from ..kernels.crowd import FEWEST, MANY, Crowd, is_many
from ..kernels.many import room as many_room
from ..spec.plan import Cell, cells
from ..spec.spec import Spec
from ..store.blocks import packed
from ..trace.tables import RUNS_SCHEMA, STEPS_SCHEMA
from .compute import KEPT, Settings, compute, forget_starts, problem, settings


class Probe(NamedTuple):
    """How long a cell is tried."""

    seconds: float  # that its largest sample takes
    patience: float  # seconds of a first start above which it is all that is tried


GLANCE = Probe(0.03, 0.03)  # when only the size of a cell's blocks is asked for
PROBE = Probe(0.5, 3.0)  # when it is predicted what the cell takes
FEW = 4  # steps that a start is followed at least
SAMPLE = 1 << 12  # starts in a sample at most; fewer would not show how often starts leave the same
TRIES = 5  # of packing: until its memory is there it takes up to three times as long
RAMP = 4  # how many times as large as the one before a sample may be
BLOCK = 7.0  # seconds of work in a block
ROOM = 16 << 20  # bytes a block may hold in memory before it is written
PROGRAM = 300 << 20  # bytes of Python with its libraries
QUEUE = 10_000  # blocks that are dealt out one by one; of more each worker has its share
LONG = 0.05  # seconds from which a cell is worth more blocks than one, some 3 ms each


class Pace(NamedTuple):
    """What one start of a cell is expected to take while it is computed."""

    seconds: float  # on one core
    steps: float
    room: float  # bytes in memory until its block is written


class Cost(NamedTuple):
    """What one start of a cell is expected to take in all."""

    cell: Cell
    seconds: float  # on one core
    steps: float
    room: float  # bytes in memory until its block is written
    bytes: float  # on disk
    shared: int  # bytes of its data as the kernels want them
    own: int  # bytes that a worker keeps beside them
    before: float = 0.0  # seconds before the first start of the cell
    shares: bool = False  # whether several threads may share a start


class Sample(NamedTuple):
    """The first starts of a cell, cut off early where they are long."""

    starts: int
    seconds: float
    steps: Any  # Arrow table
    runs: Any  # Arrow table
    longer: float  # how many times as many steps they would make if they were not cut off

    @property
    def steps_each(self) -> float:
        """Steps of a start that is not cut off."""
        return float(numbers(self.runs["n_iter"]).mean()) * self.longer

    @property
    def moved_each(self) -> float:
        """Points that a start moves before it is cut off; 0 where no steps are recorded."""
        return float(numbers(self.steps["moved"]).sum()) / self.starts

    @property
    def pace(self) -> Pace:
        """What a start that is not cut off takes, by those that are."""
        room = self.steps.nbytes * self.longer + self.runs.nbytes
        return Pace(self.seconds * self.longer / self.starts, self.steps_each, room / self.starts)


def predict(spec: Spec, datasets: Mapping[str, Dataset]) -> list[Cost]:
    """Expected costs of a start of each cell; computes a few starts and keeps nothing.

    spec: resolved. datasets: by name.
    """
    return [
        _cost(datasets[cell.dataset], cell, settings(spec, cell.dataset), spec.seed)
        for cell in cells(spec)
    ]


def _cost(dataset: Dataset, cell: Cell, chosen: Settings, seed: int) -> Cost:
    few = _few(dataset, cell.k, chosen)
    if len(few.X) < len(dataset.X):
        # What a start takes, and its labels, are in proportion to its points.
        cost, times = _cost(few, cell, chosen, seed), len(dataset.X) / len(few.X)
        kept = times if chosen.labels != "none" else 1.0
        cost = cost._replace(shared=int(cost.shared * times), own=int(cost.own * times))
        return cost._replace(
            seconds=cost.seconds * times,
            room=cost.room * kept,
            bytes=cost.bytes * kept,
            before=cost.before * times,
        )
    before = _before(dataset, cell, chosen, seed)
    *_, timed = _samples(dataset, cell, chosen, seed, PROBE)
    # Silhouettes take most of the time and hardly any of the disk, so many more starts are seen.
    samples = list(_samples(dataset, cell, replace(chosen, silhouette="none"), seed, PROBE))
    steps = samples[-1].steps_each
    longer = steps / timed.steps_each if timed.steps_each else 1.0
    seconds, room = _seconds(timed, samples[-1]), timed.pace.room * longer
    block = starts_per_block(Pace(seconds, steps, room), cell.starts, 1)
    size = _bytes(samples, block) / block
    seconds += _packing(samples[-1])
    ready = problem(dataset, chosen.silhouette)
    own = many_room(ready, cell.k) if isinstance(ready, Crowd) else thread_room(ready, cell.k)
    held = _held(ready), _held(own)
    return Cost(cell, seconds, steps, room, size, *held, before, isinstance(ready, Crowd))


def _few(dataset: Dataset, k: int, chosen: Settings) -> Dataset:
    """So few of many points that a probe of them is short, still taken as many are."""
    n, d = dataset.X.shape
    times = n // max(-(-MANY // d), FEWEST, 2 * k)  # a start wants k of them
    if times < 2 or not is_many(dataset.X, chosen.silhouette):
        return dataset
    truth = None if dataset.truth is None else dataset.truth[::times]
    return replace(dataset, X=np.ascontiguousarray(dataset.X[::times]), truth=truth)


def _held(arrays: Any) -> int:
    """Bytes of arrays in tuples of tuples."""
    if isinstance(arrays, tuple):
        return sum(map(_held, arrays))
    return int(getattr(arrays, "nbytes", 0))


def _before(dataset: Dataset, cell: Cell, chosen: Settings, seed: int) -> float:
    """Seconds before the first start of a cell."""
    began = time.perf_counter()
    if is_many(dataset.X, chosen.silhouette):
        problem(dataset, chosen.silhouette)
    else:
        pace(dataset, cell, chosen, seed)  # as a run does, to know what makes a block
    return time.perf_counter() - began


def _seconds(scored: Sample, plain: Sample) -> float:
    """Seconds of a start; plain: a sample of starts that are seen further, without silhouettes.

    Steps cut off take what others do, their silhouettes what the points that move then do.
    """
    seconds = scored.pace.seconds
    if not plain.steps_each:  # all of them failed
        return seconds
    if scored.longer == 1 or not (moved := scored.moved_each):
        return seconds * (plain.steps_each / scored.steps_each if scored.steps_each else 1.0)
    all_steps = plain.pace.seconds
    seen = all_steps * min(1.0, scored.steps_each / scored.longer / plain.steps_each)
    scores = max(0.0, scored.seconds / scored.starts - seen)
    return all_steps + scores * max(1.0, plain.moved_each / moved)


def memory(costs: Sequence[Cost], jobs: int) -> float:
    """Bytes in memory at most: the program, the data, each worker's own, its block twice."""
    shared = {cost.cell.dataset: cost.shared for cost in costs}
    sizes = [_block_of(cost, cost.cell.starts, jobs) for cost in costs]
    each = max(cost.own + 2 * size * cost.room for cost, size in zip(costs, sizes, strict=True))
    blocks = sum(-(-cost.cell.starts // size) for cost, size in zip(costs, sizes, strict=True))
    return PROGRAM + sum(sorted(shared.values())[-KEPT:]) + min(jobs, blocks) * each


def seconds(costs: Sequence[Cost], starts: Sequence[int], jobs: int) -> float:
    """Seconds that so many starts of each cell take; a worker that is free takes the next block."""
    asked = [(cost, count) for cost, count in zip(costs, starts, strict=True) if count]
    before = sum(cost.before for cost, _ in asked)
    sizes = [_block_of(cost, count, jobs) for cost, count in asked]
    number = sum(-(-count // size) for (_, count), size in zip(asked, sizes, strict=True))
    if number > QUEUE or not number:
        return before + sum(cost.seconds * count for cost, count in asked) / jobs
    threads, free = max(1, jobs // number), [0.0] * min(jobs, number)
    for (cost, count), size in zip(asked, sizes, strict=True):
        each = cost.seconds / (threads if cost.shares else 1)
        for begin in range(0, count, size):
            heapq.heapreplace(free, free[0] + each * min(size, count - begin))
    return before + max(free)


def _block_of(cost: Cost, starts: int, jobs: int) -> int:
    """Starts in a block of so many that a cell lacks."""
    return 1 if cost.shares else starts_per_block(cost, starts, jobs)


def many(costs: Sequence[Cost], starts: int, jobs: int) -> tuple[float, float]:
    """Machine-hours and bytes on disk of so many starts, as many of each cell that has many."""
    costs = [cost for cost in costs if not cost.cell.deterministic] or costs
    seconds = float(np.mean([cost.seconds for cost in costs]))
    return seconds * starts / jobs / 3600, float(np.mean([cost.bytes for cost in costs])) * starts


def starts_per_block(cost: Cost | Pace, starts: int, jobs: int) -> int:
    """Starts in a block: some seconds of work that fit in memory, and a share for every worker."""
    size = min(BLOCK / max(cost.seconds, 1e-9), ROOM / max(cost.room, 1.0))
    if cost.seconds * starts >= LONG:
        size = min(size, -(-starts // (2 * jobs)))
    return max(1, int(min(size, starts)))


def block_size(
    dataset: Dataset, cell: Cell, chosen: Settings, seed: int, starts: int, jobs: int
) -> int:
    """Starts in a block of a cell that lacks so many."""
    if is_many(dataset.X, chosen.silhouette):
        return 1  # a start takes longer than a block shall, and so would a probe
    return starts_per_block(pace(dataset, cell, chosen, seed), starts, jobs)


def pace(dataset: Dataset, cell: Cell, chosen: Settings, seed: int = 0) -> Pace:
    """Pace of a cell, from a glance at its starts."""
    *_, last = _samples(dataset, cell, chosen, seed, GLANCE)
    return last.pace


def _samples(
    dataset: Dataset, cell: Cell, chosen: Settings, seed: int, probe: Probe
) -> Iterator[Sample]:
    """Samples of a cell, each larger than the one before, the last of about probe.seconds.

    No start is in two of them: what one met would make it short in the next.
    """
    problem(dataset, chosen.silhouette)
    forget_starts()
    limit = FEW
    while (one := _sample(dataset, cell, chosen, seed, np.arange(1), limit)).longer > 1:
        if one.seconds > probe.patience:
            break
        limit *= RAMP  # the first step takes most: what is cut off is not in proportion to it
    if cell.starts == 1 or one.seconds > probe.patience:
        yield one
        return
    limit = int(limit * max(1.0, probe.patience / max(one.seconds, 1e-9)))
    met, starts, more = 1, 0, 1
    while more >= max(1, 2 * starts):
        starts = more
        ids = met + np.arange(starts)
        yield (made := _sample(dataset, cell, chosen, seed, ids, limit))
        met += starts
        within = int(starts * probe.seconds / max(made.seconds, 1e-9))
        more = min(RAMP * starts, within, SAMPLE, cell.starts - met)


def _sample(
    dataset: Dataset,
    cell: Cell,
    chosen: Settings,
    seed: int,
    ids: NDArray[np.int64],
    limit: int,
) -> Sample:
    short = replace(chosen, max_iter=min(limit, chosen.max_iter))
    began = time.perf_counter()
    tables = compute(dataset, cell, short, ids, seed + ids)
    assert tables is not None  # nobody asks a probe to stop
    seconds = time.perf_counter() - began
    made = numbers(tables[1]["n_iter"]).astype(np.float64)
    cut = np.array(tables[1]["status"].to_pylist(), object) == "max_iter"
    expected = np.where(cut, np.minimum(2 * made, chosen.max_iter), made)
    return Sample(len(ids), seconds, *tables, expected.sum() / max(made.sum(), 1.0))


def _bytes(samples: Sequence[Sample], block: int) -> float:
    """Bytes of a block: what a start adds is what the larger of two samples added."""
    sizes = {0: float(len(packed(empty(STEPS_SCHEMA))) + len(packed(empty(RUNS_SCHEMA))))}
    for made in samples[-2:]:
        sizes[made.starts] = len(packed(made.steps)) * made.longer + len(packed(made.runs))
    (before, fewer), (starts, bytes) = sorted(sizes.items())[-2:]
    return bytes + (bytes - fewer) / (starts - before) * (block - starts)


def _packing(sample: Sample) -> float:
    """Seconds a start adds to the packing of its block: the least of some, as the first are odd."""
    took = []
    for _ in range(TRIES):
        began = time.perf_counter()
        packed(sample.steps)
        packed(sample.runs)
        took.append(time.perf_counter() - began)
    return min(took) / sample.starts
