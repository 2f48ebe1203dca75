"""The teaching notebook's own call: one start, told frame by frame."""

from typing import Any

from numpy.typing import ArrayLike

from .data.points import from_array
from .kernels.batch import run_batch
from .kernels.records import prepare
from .spec.checks import refuse, whole
from .spec.spec import MOST_CLUSTERS, MOST_STEPS
from .trace.trace import Frame, from_batch


def run_kmeans(X: ArrayLike, K: int, rng: Any, max_iter: int = 15) -> list[Frame]:
    """Run k-means from `K` points of `X` that `rng` chooses, and give its frames.

    X: (n, d), numbers. rng: a NumPy Generator or RandomState; one draw,
    `rng.choice(n, size=K, replace=False)`. max_iter: steps after which the start is cut off, which
    its last caption then says. An emptied cluster takes the point farthest from its center.
    Raises DataError for an unusable X, SpecError for an unusable K, rng or max_iter.
    """
    points = from_array(X)
    k = whole(1, min(len(points), MOST_CLUSTERS))(K, "K")
    limit = whole(1, MOST_STEPS)(max_iter, "max_iter")
    if not callable(getattr(rng, "choice", None)):
        raise refuse("rng", rng, "a NumPy generator, as np.random.default_rng(7)")
    first = points[rng.choice(len(points), size=k, replace=False)]
    batch = run_batch(prepare(points, "none"), first[None], max_iter=limit)
    return list(from_batch(points, k, batch))
