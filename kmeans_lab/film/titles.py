"""What a film says of a start over its first and its last frame, as plain lines."""

import math
from typing import TYPE_CHECKING, NamedTuple

from ..wording import excess, number

if TYPE_CHECKING:
    from ..trace.trace import Trace


class Titles(NamedTuple):
    """A heading and lines below it, each; a film says nothing where there is none."""

    card: tuple[str, ...] = ()  # who this start is
    verdict: tuple[str, ...] = ()  # how it ended


def titles(trace: "Trace", *, pick: str = "", study: str = "", optimum: str = "") -> Titles:
    """The titles of a start, of what is known of it.

    pick: which start of its cell, as "worst of 1000 starts". study: its name. optimum: where it
    ended, as "optimum 2 of 5".
    """
    who = [trace.init or "", "" if trace.seed is None else f"seed {trace.seed}", pick]
    n, d = trace.X.shape
    size = f"{_count(n, 'point')}, {_count(d, 'feature')}"
    heading = _joined(", ", trace.dataset or "k-means", f"k = {trace.k}")
    below = (_joined(" · ", *who), _joined(" · ", f"study {study}" if study else "", size))
    return Titles((heading, *filter(None, below)), _verdict(trace, optimum))


def _verdict(trace: "Trace", optimum: str) -> tuple[str, ...]:
    ended = trace.ending[0].upper() + trace.ending[1:]
    if not math.isfinite(trace.outcome_inertia):
        return (ended,)
    line = _joined(" · ", f"inertia {number(trace.outcome_inertia)}", optimum)
    if trace.gap is None:
        return (ended, line)
    steps = _count(trace.steps, "step")
    where = "the best known" if trace.gap == 0 else f"{excess(trace.gap)} above the best known"
    if trace.status != "converged":
        return (ended, _joined(" · ", line, where))
    found = "Found" if trace.gap == 0 else "Ended"
    return (f"{found} {where}", _joined(" · ", line, steps))


def _joined(between: str, *parts: str) -> str:
    return between.join(filter(None, parts))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
