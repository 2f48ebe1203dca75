"""The ways of a cell's starts as data: inertia by step, where they meet and where they end."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..fates import ways
from ..pictures.ways import WaysInfo
from ..spec.plan import Cell
from .atlas import optima_of
from .traces import Descents, descents_of

if TYPE_CHECKING:
    from .study import Study

SEALED = (0.5, 0.9)  # shares of the starts, whose sealing is marked
ENDED = 0.99  # of the starts by the last step that is told


def ways_of(study: "Study", cell: Cell) -> WaysInfo:
    """The ways of a cell's converged starts, as far as 99 % of them go.

    Without labels of the steps, starts of equal inertia count as of equal partition, and when their
    fates are sealed is not told.
    """
    best, found = study.best(cell.dataset, cell.k), descents_of(study, cell)
    if found is None:
        return WaysInfo([], [], [], [], [], {}, {}, 0, best, 1)
    fates = study.fates(cell)
    if fates is None:
        nodes, sealed = _by_inertia(found), np.ones_like(found.steps)
    else:
        nodes, sealed = fates.nodes, fates.sealed
        R = fates.runs.size
        found = Descents(found.runs[:R], found.steps[:R], found.inertia[: nodes.size])
    longest = int(np.quantile(found.steps, ENDED, method="inverted_cdf"))
    last = longest + max(1, longest // 10)
    told = ways(found.steps, nodes, sealed, found.inertia, last)
    ends = nodes[np.cumsum(found.steps) - 1]
    optima = optima_of(study, cell).set_index("partition")
    reached = study.runs.set_index("run")["partition"].loc[found.runs.tolist()]
    numbers = optima["optimum"].loc[reached].to_numpy()
    of = dict(zip(ends.tolist(), numbers.tolist(), strict=True))
    inertia = dict(zip(optima["optimum"], optima["inertia"], strict=True))
    shown, counts = np.unique(numbers, return_counts=True)
    return WaysInfo(
        told.steps,
        told.inertia,
        told.starts,
        [of[end] for end in told.end.tolist()],
        told.sealed,
        {number: inertia[number] for number in shown.tolist()},
        dict(zip(shown.tolist(), (counts / numbers.size).tolist(), strict=True)),
        numbers.size,
        best,
        last,
        {q: int(np.quantile(sealed, q, method="inverted_cdf")) for q in SEALED if fates},
        int((study.starts(cell)["status"] == "converged").sum()),
    )


def _by_inertia(found: Descents) -> NDArray[np.int64]:
    """A number (S,) for the partition after each step: that of its inertia, told by the next."""
    last = np.cumsum(found.steps) - 1
    following = np.arange(found.inertia.size) + 1
    following[last] = last  # a converged start's last step moved nothing
    return np.unique(found.inertia[following], return_inverse=True)[1]
