"""The verdict: how much the start matters and how many restarts it takes, in two sentences."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ..statistics import Estimate
from ..wording import count, interval, number, percent, restarts, times
from .page import Line, Span, anchor

# The largest expected gap of a single start, over the inits of a case, for which the words hold.
DEGREES = {
    1e-3: "hardly matters",
    1e-2: "matters a little",
    1e-1: "matters",
    math.inf: "matters much",
}
NEVER = "does not matter"
DEGREE = "how much the start matters"  # as it is defined
KINDS = {"ahead": "known, found by a reference search", "proven": "there is"}
Words = list[str | Span]


class Reach(NamedTuple):
    """How one cell's starts reach the best inertia."""

    init: str
    starts: int
    share: Estimate  # of the starts that reach it
    restarts: Estimate  # that reach it with 99 % probability
    gap: float  # what one start costs: the mean over the starts
    deterministic: bool = False
    failed: int = 0  # starts without an outcome: failures in `share`, left out of `gap`


class Case(NamedTuple):
    """The cells of one (dataset, k) that have outcomes; `given`: the spec states the best one.

    search: how a reference search fared against the starts: "ahead", "equal", "behind", "proven"
    where its best is the best there is, or "" where there was none. improvable: whether moving a
    single point lowers the best inertia, so that it is not the best there is. seldom: how often
    the best was seen, where that is too seldom to tell how likely it is, else 0.
    """

    dataset: str
    k: int
    best: float
    given: bool
    cells: tuple[Reach, ...]
    search: str = ""
    swaps: int = 0
    improvable: bool = False
    seldom: int = 0

    @property
    def ends(self) -> list[Reach]:
        """The surest and the least sure cell; one where there is only one."""
        ranked = sorted(self.cells, key=lambda cell: (-cell.share.value, cell.gap))
        return ranked if len(ranked) < 2 else [ranked[0], ranked[-1]]

    @property
    def degree(self) -> str:
        """How much the start matters, in the words of DEGREES."""
        if not self.cells:
            return "cannot be judged"
        if all(cell.share.value == 1 for cell in self.cells):
            return NEVER
        gap = max(1.0 if math.isnan(cell.gap) else cell.gap for cell in self.cells)
        return next(words for most, words in DEGREES.items() if gap <= most)


def verdict(cases: Iterable[Case]) -> tuple[Line, Line]:
    """Two sentences over all cases: how much the start matters, and how many restarts it takes."""
    cases = tuple(cases)
    if not any(case.cells for case in cases):
        return ("No start has an outcome, so how much the start matters is not known.",), (
            "Nor is the number of restarts that are needed: see the status of the starts.",
        )
    return _of_one(cases[0]) if len(cases) == 1 else _of_many(cases)


def _of_one(case: Case) -> tuple[Line, Line]:
    kind = "stated as best known in the spec" if case.given else KINDS.get(case.search, "found")
    matters: Words = [f"On {case.dataset} with k = {case.k} the start ", _defined(case.degree)]
    matters.append(": ")
    matters += _reached(case, f"the best inertia {kind} ({number(case.best)})")
    takes: Words = ["To reach it with 99\u00a0% probability takes n_init = ", *_needed(case.ends)]
    return tuple(matters), (*takes, f"{_assurance(case)}.")


def _defined(degree: str) -> Span:
    return Span(degree, url=anchor(DEGREE))


def _assurance(case: Case) -> str:
    """What speaks for the best inertia being the best there is."""
    starts = count(sum(cell.starts for cell in case.cells))
    better = "a better one may be unseen"
    if case.improvable:
        better = "a better one exists: moving a single point to another cluster lowers it"
    if case.search == "proven":
        return "; it is proven that no partition has a lower one"
    if case.given:
        return ""
    searched = f"a reference search of {count(case.swaps)} swaps"
    if case.search == "ahead":
        return f"; {searched} found it, none of {starts} starts did, and {better}"
    if case.search == "equal":
        return f"; it is the best of {starts} starts, and {searched} found none better"
    seen = f" seen {times(case.seldom)} only, which does not tell how likely it is,"
    return f"; it is the best of {starts} starts,{seen * (case.seldom > 0)} and {better}"


def unseen(cases: Sequence[Case]) -> str:
    """Where several cases may have a better inertia than is known, or "" where none may."""
    kinds = Counter("stated" if case.given else case.search for case in cases)
    kinds["proven"] = sum(case.search == "proven" for case in cases)
    if not any(not case.given and case.search != "proven" for case in cases):
        return ""
    told = [
        (kinds["equal"], "a reference search found none better"),
        (kinds["proven"], "it is proven that there is none"),
        (sum(case.improvable for case in cases), "there is one: moving a single point lowers it"),
        (
            sum(case.seldom > 0 for case in cases),
            "the best was seen so seldom that how likely it is stays open",
        ),
    ]
    text = "".join(f"; in {some} of {len(cases)} pairs {what}" for some, what in told if some)
    return f"A better inertia than the best known may be unseen{text}."


def _reached(case: Case, target: str) -> Words:
    ranks = [", most often of {} inits,", ", least often,"] if len(case.cells) > 2 else ["", ""]
    words: Words = []
    for cell, rank in zip(case.ends, ranks, strict=False):
        verb = f" reaches {target} in " if not words else " in "
        words += [", " if words else "", cell.init, rank.format(len(case.cells)), verb]
        words += _share(cell)
    return [*words, _cost(case.ends), "."]


def _share(cell: Reach) -> Words:
    if cell.deterministic:
        return [Span("every" if cell.share.value == 1 else "no"), " run (it is deterministic)"]
    if cell.share.low == cell.share.high:  # of a census: no sample, so no interval
        return [Span(percent(cell.share.value)), f" of all {count(cell.starts)} starts there are"]
    starts = f" of {count(cell.starts)} start{'s' * (cell.starts != 1)}"
    return [Span(percent(cell.share.value)), f" {interval(cell.share)}", starts]


def _cost(cells: list[Reach]) -> str:
    """What a single start costs on average; nothing where the gap is zero or not defined."""
    gaps = [cell.gap for cell in cells]
    if not any(gaps) or any(map(math.isnan, gaps)):
        return ""
    ended = f"; a single start ends on average {' and '.join(map(percent, gaps))} above it"
    failed = sum(cell.failed for cell in cells)
    return ended + f", {count(failed)} without an outcome left out" * (failed > 0)


def _needed(cells: list[Reach]) -> Words:
    words: Words = []
    for cell in cells:
        words += [" and " if words else "", *_restarts(cell), f" with {cell.init}"]
    return words


def _restarts(cell: Reach) -> Words:
    head, space, tail = restarts(cell.restarts).partition(" [")
    return [Span(head), space + tail]


def _of_many(cases: tuple[Case, ...]) -> tuple[Line, Line]:
    cells = [(case, cell) for case in cases for cell in case.cells]
    by_share = sorted(cells, key=lambda pair: pair[1].share.value)
    by_restarts = sorted(cells, key=lambda pair: pair[1].restarts[:2])
    degrees = Counter(case.degree for case in cases)
    said = ", ".join(f"{words} in {times}" for words, times in degrees.most_common())
    matters: Words = [f"Of {len(cases)} pairs of data set and k the start "]
    matters.append(_defined(said))
    matters += [": a start reaches the best inertia in ", *_range(by_share, _percent), "."]
    takes: Words = ["To reach it with 99\u00a0% probability takes n_init = "]
    takes += [*_range(by_restarts, _restarts), f"{_favorite(cases)}."]
    return tuple(matters), tuple(takes)


def _range(cells: list[tuple[Case, Reach]], word: Callable[[Reach], Words]) -> Words:
    words: Words = []
    for case, cell in (cells[0], cells[-1]):
        where = f" ({case.dataset}, k = {case.k}, {cell.init})"
        words += [" to " if words else "", *word(cell), where]
    return words


def _percent(cell: Reach) -> Words:
    sure = cell.share.low == cell.share.high
    return [Span(percent(cell.share.value)), "" if sure else f" {interval(cell.share)}"]


def _favorite(cases: tuple[Case, ...]) -> str:
    """The inits that most often need the fewest restarts, equals included; "" for a single one."""
    wins: Counter[str] = Counter()
    for case in cases:
        needed = {cell.init: cell.restarts.value for cell in case.cells}
        fewest = min(needed.values(), default=math.inf)
        wins.update(init for init, R in needed.items() if R == fewest < math.inf)
    if not wins or len({cell.init for case in cases for cell in case.cells}) < 2:
        return ""
    most = max(wins.values())
    ahead = [init for init, times in wins.items() if times == most]
    needs = "each needs" if len(ahead) > 1 else "needs"
    return f"; {' and '.join(ahead)} {needs} the fewest in {most} of {len(cases)}"
