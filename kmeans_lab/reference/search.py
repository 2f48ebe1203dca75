"""Random swap: some centers move to random points, and what then has a lower inertia is kept.

The best partition so far is one that no step of Lloyd's and no single transfer improves. What is
found is a function of the data, k, the seed and the number of swaps alone: no start of a study is
asked, so that start and search are evidence for each other, and a search that goes on from what it
found is the search that never stopped.
Source: Fränti, Efficiency of random swap clustering (2018). Other than there, several swaps are
tried at once, some of more centers than one; the best of them is finished by transfers. Of small
data each goes on to its end and not for two steps, and is finished even where it is not lower yet:
from each of eight seeds that found the best known for Ruspini's points with k = 8 within 7300
swaps, 0.1 s, which swaps of one center and two steps did from one of six. In birch1 two steps
serve: of 1.3 ms, they reach the best known within 400 swaps, which to their end take 100 ms each.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..kernels.batch import nothing_known, run_batch
from ..kernels.initializers import INITIALIZERS
from ..kernels.records import Batch, prepare
from ..kernels.transfers import transferred

Points = NDArray[np.float64]
Run = Callable[..., Batch]

FIRST = 8  # starts of greedy-k-means++ whose best the search begins with
STEPS = 2  # of Lloyd's iteration after a swap, in data that are not small
SMALL = 1 << 18  # products n d k up to which data are
LONG = 10_000  # steps at most
WORK = 1 << 21  # products n d k that swaps tried at once should have; a call costs 0.2 ms
FEWEST, MOST = 4, 64  # swaps tried at once


class Found(NamedTuple):
    """The best partition so far."""

    inertia: float
    centers: Points  # (k, d)
    labels: NDArray[np.unsignedinteger]  # (n,)
    swaps: int  # tried
    proven: bool = False  # whether no partition has a lower inertia


def search(
    X: Points, k: int, seed: int, centers: Points | None = None, swaps: int = 0
) -> Iterator[Found]:
    """Ever better partitions of `X` (n, d): the first one, then one after each few swaps, for ever.

    centers: (k, d) after so many `swaps`, to go on from there. Validation is assumed.
    """
    run, size, small = starter(X, k), at_once(X, k), X.size * k <= SMALL
    if centers is None:
        # Drawn, lest they be the seeds of the study's own starts.
        seeds = np.random.default_rng((seed, FIRST)).integers(2**63, size=FIRST)
        first = INITIALIZERS["greedy-k-means++"].function(X, k, seeds)
        best = polished(X, _best(run(first.centers), 0), run)
    else:
        best = _best(run(centers[None]), swaps)
    while True:
        yield best
        swaps = best.swaps + size
        drawn = _swapped(X, best.centers, np.random.default_rng((seed, best.swaps)), size)
        tried = _best(run(drawn, max_iter=LONG if small else STEPS), swaps)
        if tried.inertia < best.inertia or (small and tried.inertia > best.inertia):
            ended = polished(X, _best(run(tried.centers[None]), swaps), run)
            best = min(best, ended, key=lambda found: found.inertia)
        best = best._replace(swaps=swaps)


def starter(X: Points, k: int) -> Run:
    """Runs starts from first centers (R, k, d) to their end, and gives what they end in."""
    ready = prepare(X, "none")
    known = nothing_known(ready, k)
    return partial(run_batch, ready, max_iter=LONG, steps=False, labels="none", known=known)


def at_once(X: Points, k: int) -> int:
    """How many swaps are tried at once: the same for the same problem, as the result depends on it.

    >>> at_once(np.zeros((150, 2)), 3), at_once(np.zeros((5000, 2)), 15)
    (64, 13)
    """
    return int(np.clip(WORK // (X.size * k), FEWEST, MOST))


def polished(X: Points, found: Found, run: Run) -> Found:
    """What transfers and Lloyd's steps in turn make of a partition."""
    k = len(found.centers)
    while True:
        labels = transferred(X, found.labels, k)
        ended = _best(run(means(X, labels, k)[None]), found.swaps)
        if not ended.inertia < found.inertia:
            return found
        found = ended


def means(X: Points, labels: NDArray[np.unsignedinteger], k: int) -> Points:
    """Mean (k, d) of each cluster of `X` (n, d) that has members, the first point of the others."""
    sums = np.stack([np.bincount(labels, column, k) for column in X.T], axis=1)
    counts = np.bincount(labels, minlength=k)[:, None]
    return np.where(counts, sums / np.maximum(counts, 1), X[0])


def _swapped(X: Points, centers: Points, rng: np.random.Generator, size: int) -> Points:
    """So many times the centers (k, d), one of them at a random point; in half of them another one
    too, in a quarter a third one, and so on."""
    moved, some = np.repeat(centers[None], size, axis=0), size
    while some:
        who, where = rng.integers(len(centers), size=some), rng.integers(len(X), size=some)
        moved[np.arange(some), who] = X[where]
        some //= 2
    return moved


def _best(batch: Batch, swaps: int) -> Found:
    """The start of a batch that ended lowest, the first of equals."""
    r = int(batch.inertia.argmin())
    inertia, centers = float(batch.inertia[r]), batch.centers[r]
    return Found(inertia, centers, batch.labels[r], swaps, inertia == 0 or len(centers) == 1)
