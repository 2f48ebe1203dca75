"""What an initializer takes and what it gives."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Seeds = NDArray[np.int64]


class Firsts(NamedTuple):
    """First centers of R starts, and what each of them cost."""

    centers: Points  # (R, k, d)
    distances: NDArray[np.int64]  # (R,), distances from a point to a center that were evaluated


def firsts(centers: Points, distances: int) -> Firsts:
    """First centers (R, k, d) of starts that cost the same."""
    return Firsts(centers, np.full(len(centers), distances))


def generators(seeds: Seeds) -> list[np.random.Generator]:
    """Where each start draws from."""
    return [np.random.default_rng(seed) for seed in seeds.tolist()]


def drawn(weights: Points, u: float) -> int:
    """Place at which the running sum of `weights` (m,) exceeds `u` times its end.

    Where all are 0, every place is as likely. It is what `first_centers.draw` gives in kernels.
    """
    reached = np.cumsum(weights)
    total = reached[-1]
    if total == 0:
        return int(u * len(weights))
    return int(min(reached.searchsorted(u * total, "right"), reached.searchsorted(total)))
