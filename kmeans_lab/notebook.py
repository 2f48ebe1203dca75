"""The teaching notebook's own call: one start, told frame by frame."""

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .datasets import from_array
from .errors import SpecError
from .kernels.lloyd import prepare, run_batch
from .trace import Frame, from_batch


def run_kmeans(X: ArrayLike, K: int, rng: Any, max_iter: int = 15) -> list[Frame]:
    """Run k-means from `K` points of `X` that `rng` chooses, and give its frames.

    X: (n, d), numbers. rng: a NumPy Generator or RandomState; one draw,
    `rng.choice(n, size=K, replace=False)`. max_iter: steps after which the start is cut off, which
    its last caption then says. An emptied cluster takes the point farthest from its center.
    Raises DataError for an unusable X, SpecError for an unusable K, rng or max_iter.
    """
    points = from_array(X)
    k = _whole("K", K, 1, len(points))
    limit = _whole("max_iter", max_iter, 1, 1_000_000)
    if not callable(getattr(rng, "choice", None)):
        raise SpecError(f"rng is {rng!r}; allowed: a NumPy generator, as np.random.default_rng(7)")
    first = points[rng.choice(len(points), size=k, replace=False)]
    batch = run_batch(prepare(points, "none"), np.asarray(first)[None], max_iter=limit)
    return list(from_batch(points, k, batch))


def _whole(name: str, value: Any, low: int, high: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = low - 1
    if isinstance(value, bool) or not low <= number <= high:
        raise SpecError(f"{name} is {value!r}; allowed: whole numbers from {low} to {high}")
    return number
