"""A portrait: a start for every cell of a grid, and the optimum that each of them ends in."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..data.datasets import Dataset
from ..kernels.lloyd import CONVERGED, STATUS
from ..pictures.plane import DRAWN, MANY
from ..pictures.portrait import BETTER, CUT_OFF, NEW, PortraitInfo
from ..runner.compute import Settings
from ..runner.given import Ends, ends
from ..runner.progress import Progress
from ..statistics import REACHED
from .field import Field

FINE, COARSE = 300, 10  # cells on each side, by default: at most, at least
WORK = 2e11  # products of data, centers and steps that a portrait may take: some seconds
BOXED = 150_000  # products in a step from which up to three features cost less than others


class Known(NamedTuple):
    """The optima of a study for one data set and k, by rising inertia."""

    ids: Sequence[str]  # (m,), of the partitions
    best: float  # best known inertia, of whatever origin; NaN for none


def resolution_for(
    n: int, d: int, k: int, steps: float, work: float = WORK, fine: int = FINE
) -> int:
    """Cells on each side that starts of so many `steps` have time for: from COARSE to `fine`.

    A step costs n k d products; beyond BOXED of them, and up to three features, the geometric mean
    of both, since whole boxes of points are labeled at once (birch1: 10 ms for 121 steps).

    >>> resolution_for(150, 2, 3, 10), resolution_for(1797, 64, 10, 20)
    (300, 93)
    """
    products = float(n * d * k)
    if d <= 3:
        products = min(products, (products * BOXED) ** 0.5)
    return int(np.clip((work / (products * max(steps, 1.0))) ** 0.5, COARSE, fine))


def portrait(
    dataset: Dataset,
    chosen: Settings,
    where: Field,
    known: Known,
    resolution: int,
    *,
    title: str = "",
    jobs: int | None = None,
    progress: Progress | None = None,
) -> PortraitInfo:
    """Run a start from every cell of a grid and say where it ends. Validation is assumed.

    title: the study, the start and its seed. jobs: threads, all cores if None. progress: is told
    of the starts that have ended.
    """

    def firsts(begin: int, end: int) -> NDArray[np.float64]:
        return where.firsts(resolution, begin, end)

    found = ends(dataset, chosen, firsts, resolution**2, jobs=jobs, progress=progress)
    optimum = _numbers(found, known)[found.partition]
    stride = -(-len(where.points) // DRAWN) if len(where.points) >= MANY else 1
    grid = (resolution, resolution)
    return PortraitInfo(
        optimum=optimum.reshape(grid),
        steps=found.n_iter.reshape(grid),
        reached=np.append(found.inertia, np.nan)[found.partition].reshape(grid),
        stopped=dict(Counter(STATUS[s] for s in found.status if s != CONVERGED)),
        extent=where.extent,
        axes=where.axes,
        flat=where.flat,
        points=where.points[::stride],
        centers=where.centers,
        swept=where.swept,
        place=where.place,
        best=known.best,
        title=title,
        notes=where.notes,
    )


def _numbers(found: Ends, known: Known) -> NDArray[np.int32]:
    """The number of each partition, as PortraitInfo has it; at the end that of none."""
    numbers = {name: i + 1 for i, name in enumerate(known.ids)}
    better = found.inertia < known.best * (1 - REACHED)
    of = [
        numbers.get(name, BETTER if lower else NEW)
        for name, lower in zip(found.ids, better.tolist(), strict=True)
    ]
    return np.array([*of, CUT_OFF], np.int32)
