"""Starts from centers that are given, on threads: in which partition each ends, and how soon."""

import warnings
from collections.abc import Callable
from typing import NamedTuple

import joblib
import numpy as np
from numpy.typing import NDArray

from ..data.datasets import Dataset
from ..kernels.lloyd import CONVERGED
from ..trace.partitions import partition_ids, partitions
from .compute import LABELS, Settings, ended
from .crew import cores
from .progress import Progress, Silent

SIZE = 4096  # starts a thread takes at once, some 10 ms of small ones

Firsts = Callable[[int, int], NDArray[np.float64]]  # first centers (R, k, d) of a range of starts


class Ends(NamedTuple):
    """Where R starts ended."""

    status: NDArray[np.int8]  # (R,), index into STATUS
    n_iter: NDArray[np.int32]  # (R,)
    partition: NDArray[np.int64]  # (R,), place in `ids`; -1 for those that did not converge
    ids: tuple[str, ...]  # (P,), of the partitions, as `runs` names them
    inertia: NDArray[np.float64]  # (P,)


def ends(
    dataset: Dataset,
    chosen: Settings,
    firsts: Firsts,
    total: int,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Ends:
    """Run `total` starts to their end; what comes out does not depend on `jobs`, all cores if None.

    firsts: gives the first centers of the starts from one number to another. progress: is told of
    those that have ended. Validation is assumed.
    """
    size = max(1, min(SIZE, LABELS // len(dataset.X)))
    tasks = (
        joblib.delayed(_block)(dataset, chosen, firsts, begin, min(begin + size, total))
        for begin in range(0, total, size)
    )
    threads = joblib.Parallel(jobs or cores(), backend="threading", return_as="generator")
    arriving, blocks = threads(tasks), []
    try:
        for block in arriving:
            blocks.append(block)
            (progress or Silent()).advance(len(block.status))
    finally:
        with warnings.catch_warnings():  # joblib's, about tasks cancelled, which is what we want
            warnings.simplefilter("ignore")
            arriving.close()
    return _joined(blocks)


def _block(dataset: Dataset, chosen: Settings, firsts: Firsts, begin: int, end: int) -> Ends:
    batch = ended(dataset, chosen, firsts(begin, end))
    found = partitions(batch)
    converged = batch.status == CONVERGED
    _, first, of = np.unique(found.of[converged], return_index=True, return_inverse=True)
    starts = np.flatnonzero(converged)[first]
    partition = np.full(end - begin, -1, np.int64)
    partition[converged] = of
    ids = tuple(partition_ids(found.labels[found.of[starts]]))
    return Ends(batch.status, batch.n_iter, partition, ids, batch.inertia[starts])


def _joined(blocks: list[Ends]) -> Ends:
    """The blocks as one; a partition has the inertia that its first start has."""
    known: dict[str, int] = {}
    inertia: list[float] = []
    places = []
    for block in blocks:
        for name, reached in zip(block.ids, block.inertia.tolist(), strict=True):
            if name not in known:
                known[name] = len(known)
                inertia.append(reached)
        rows = np.array([*(known[name] for name in block.ids), -1])  # -1 stays -1
        places.append(rows[block.partition])
    return Ends(
        np.concatenate([block.status for block in blocks]),
        np.concatenate([block.n_iter for block in blocks]),
        np.concatenate(places),
        tuple(known),
        np.array(inertia),
    )
