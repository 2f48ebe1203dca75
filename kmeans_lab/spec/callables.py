"""Initializers by name: built in, or a user's own `module:function`."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..kernels.census import ranked
from ..kernels.initializers import INITIALIZERS, Initializer
from . import functions
from .apart import apart_of
from .functions import Points, function_of, given

MOST = 2**32 - 1  # the largest seed of a RandomState

Seeds = NDArray[np.int64]


class Given(NamedTuple):
    """First centers of those seeds that give any, G of R."""

    centers: Points  # (G, k, d)
    notes: list[str]  # R, why a seed gives none, or ""
    distances: NDArray[np.int64] | None  # (G,), evaluated for each start; None: nobody counts


SeededInitializer = Callable[[Points, int, Seeds], Given]  # of X (n, d), k and seeds (R,)


def load_initializer(init: str, base: Path, *, apart: bool = False) -> SeededInitializer:
    """The initializer of that name. Raises SpecError where a `module:function` cannot be had.

    A user's function is called once for each seed; what it raises is a note, and so is why a
    built-in one cannot serve. apart: in a process of its own, so that its death is a note too.
    """
    if init in INITIALIZERS:
        return partial(_built_in, INITIALIZERS[init])
    where = init, base.absolute(), code_digest(init, base)
    return partial(_one_by_one, apart_of(*where) if apart else partial(given, function_of(*where)))


def _one_by_one(
    call: Callable[[Points, int, int], Points | str], X: Points, k: int, seeds: Seeds
) -> Given:
    firsts, notes = np.zeros((len(seeds), k, X.shape[1])), []
    for i, seed in enumerate(seeds.tolist()):
        found = call(X, k, seed)
        notes.append(found if isinstance(found, str) else "")
        firsts[i] = 0.0 if isinstance(found, str) else found
    return Given(firsts[[not note for note in notes]], notes, None)


def code_digest(init: str, base: Path) -> str:
    """SHA-256 of the file in which a user's function stands; empty where there is no such file."""
    return "" if init in INITIALIZERS else functions.code_digest(init, base)


def _built_in(entry: Initializer, X: Points, k: int, seeds: Seeds) -> Given:
    n, d = X.shape
    if note := entry.unfit(n, d, k):
        return Given(np.zeros((0, k, d)), [note] * len(seeds), None)
    centers, distances = entry.function(X, k, seeds)
    return Given(centers, [""] * len(seeds), distances)


def by_rank(X: Points, k: int, ranks: Seeds) -> Given:
    """The starts of a census: those of init `random` that have these ranks (R,)."""
    return Given(ranked(X, k, ranks), [""] * len(ranks), np.zeros(len(ranks), np.int64))
