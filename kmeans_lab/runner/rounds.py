"""A study that decides how many starts it needs: rounds that grow until the intervals are narrow.

The number of starts is all that the clock decides here; each start is what its seed makes it.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..arrow import numbers
from ..kernels._jit import warm
from ..spec.plan import Cell, cells
from ..spec.spec import MOST_RUNS, Spec
from ..statistics import REACHED, Estimate, best_known, gaps, restarts_needed, wilson
from ..store.store import Store
from .progress import Progress

FIRST = 64  # starts of each cell in the first round
GROWTH = 4  # how many times as many starts a round may have as the one before
LEAST = 1.1  # a round that can have fewer times as many is not worth it
NARROW = 1.5  # times the low end of the restarts needed that the high end may be
HOPELESS = 10.0  # times as often the surest init succeeds, at the least, as one that is given up


class Goal(NamedTuple):
    """What a start has to reach, and with what probability its restarts shall."""

    confidence: float = 0.99
    gap: float = REACHED


class Standing(NamedTuple):
    """How often the starts of a cell have reached the goal so far."""

    cell: Cell
    starts: int
    reach: Estimate


def first_round(spec: Spec) -> Spec:
    """The spec with as many starts as are run before anything is known."""
    return replace(spec, runs=FIRST)


def grow(
    store: Store, spec: Spec, goal: Goal, complete: Callable[[Spec], None], progress: Progress
) -> None:
    """Run more starts of every cell until their intervals are narrow or spec.budget ends.

    spec: resolved, of the first round. complete: runs what is missing of a spec.
    """
    had = len(store.done()) // len(cells(spec))
    runs = max(spec.most_starts, store.spec().most_starts)
    warm(progress.say)  # once in the life of an installation, and no part of the budget
    end = time.monotonic() + (spec.budget or 0.0)
    while True:
        began = time.monotonic()
        complete(replace(spec, runs=runs))
        now = time.monotonic()
        # What was stored before tells by its own clock, on one core, what more would take.
        pace = (now - began) / (runs - had) if runs > had else _seconds(store) / runs
        most = runs + max(0, int((end - now) / max(pace, 1e-9)))
        more = min(GROWTH * runs, most, MOST_RUNS)
        wide = unsettled([*standings(store, spec, goal)], goal)
        names = ", ".join(cell.label for cell in wide[:3]) + ", …" * (len(wide) > 3)
        if not wide:
            return progress.say(f"{runs:,} starts in each cell: all intervals are narrow enough")
        if more < LEAST * runs:
            limit = "largest study" if runs >= MOST_RUNS else f"budget of {spec.budget:g} s"
            return progress.say(
                f"{runs:,} starts in each cell: the {limit} ends here, the intervals of {names} "
                "are still wide"
            )
        progress.say(f"on to {more:,} starts in each cell: the intervals of {names} are wide")
        had, runs = runs, more


def _seconds(store: Store) -> float:
    """What all stored starts took."""
    return float(numbers(store.runs(["run", "seconds"])["seconds"]).sum(dtype=np.float64))


def standings(store: Store, spec: Spec, goal: Goal) -> Iterator[Standing]:
    """How often the starts of each cell reach the best inertia known, or come within the gap."""
    columns = store.runs(["run", "inertia"])
    places = numbers(columns["run"]) % len(cells(spec))
    inertia = columns["inertia"].fill_null(math.nan).to_numpy()
    known = [inertia[places == cell.index] for cell in cells(spec)]
    for cell in cells(spec):
        pair = [known[c.index] for c in cells(spec) if (c.dataset, c.k) == (cell.dataset, cell.k)]
        stated = (spec.dataset(cell.dataset).best_known or {}).get(cell.k)
        found = gaps(known[cell.index], best_known(np.concatenate(pair), stated))
        yield Standing(cell, len(found), wilson(int((found <= goal.gap).sum()), len(found)))


def unsettled(found: Sequence[Standing], goal: Goal) -> list[Cell]:
    """Cells of which it is not yet known how many restarts they need, nor that they are hopeless.

    Hopeless: even at the high end less likely than a tenth of the low end of the surest init.
    """
    wide = []
    for cell, _, reach in found:
        rivals = [s for s in found if (s.cell.dataset, s.cell.k) == (cell.dataset, cell.k)]
        surest = max(rival.reach.low for rival in rivals)
        _, low, high = restarts_needed(reach, goal.confidence)
        narrow = cell.deterministic or high <= max(NARROW * low, low + 1)
        if not narrow and reach.high * HOPELESS > surest:
            wide.append(cell)
    return wide
