"""The verdict of a comparison: which init is ahead over the data sets, or why none can be."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..report.page import Line, Span, anchor
from ..wording import number
from .ranking import Ranking

if TYPE_CHECKING:
    from .comparison import Comparison

FEWEST = "fewest data sets"  # as it is defined
FEW = 4  # inits that a sentence names


def verdict(comparison: "Comparison") -> tuple[Line, Line]:
    """Two sentences: what the data sets say together, and what each says by itself."""
    ranking = comparison.ranking
    over = _ranked(ranking) if ranking.friedman else _unranked(comparison)
    return over, _each(comparison)


def _ranked(ranking: Ranking) -> Line:
    assert ranking.friedman is not None
    D, p = len(ranking.scores), chance(ranking.friedman.p)
    if not ranking.told:
        return (
            Span("No init is ahead"),
            f" over {D} data sets: the ranks of {len(ranking.inits)} inits differ no more than "
            f"chance would have it (Friedman, {p}).",
        )
    best, *close = ranking.leaders
    behind = [init for init in ranking.ranks if init not in ranking.leaders]
    tail = f"critical difference {number(ranking.difference, 3)}; Friedman, {p}"
    beside = f", not told apart from {_with_ranks(ranking, close)}" if close else ""
    if not behind:
        return (
            Span("No init is apart from the best"),
            f" over {D} data sets: {best} has average rank {ranking.ranks[best]:.2f}{beside} "
            f"({tail}).",
        )
    return (
        f"Over {D} data sets ",
        Span(best),
        f" ends lowest, average rank {ranking.ranks[best]:.2f}: ahead of "
        f"{_with_ranks(ranking, behind)}{beside} ({tail}).",
    )


def _unranked(comparison: "Comparison") -> Line:
    """Why there is no ranking: one init, or too few data sets."""
    ranking = comparison.ranking
    if len(ranking.inits) < 2:
        return Span("Nothing to rank"), f": {ranking.inits[0]} is the only init."
    D, m = len(ranking.scores), len(ranking.inits)
    have = f"{'is' if D == 1 else 'are'} {D} data set{'s' * (D != 1)}"
    if ranking.left_out:
        have += f" with a score for each of them ({len(ranking.left_out)} left out)"
    return (
        Span("No ranking"),
        f": {m} inits take ",
        Span(f"at least {ranking.needed} data sets", "link", anchor(FEWEST)),
        f", and there {have}. With fewer, not even full agreement could tell two of them apart, "
        "however many the starts.",
    )


def _each(comparison: "Comparison") -> Line:
    """How often an init does better than every other on a data set and k."""
    wins: Counter[str] = Counter()
    several = [(pair, found) for pair, found in comparison.duels if found]
    for _, found in several:
        ahead = Counter(duel.ahead for duel in found)
        inits = {name for duel in found for name in duel[:2]}
        wins.update(init for init in inits if ahead[init] == len(inits) - 1)
    if not several:
        return ("No data set and k has outcomes of two inits, so nothing is compared.",)
    if len(several) == 1:
        ((pair, _),) = several
        where = f"On {pair.dataset} with k = {pair.k} "
        if not wins:
            return where, Span("no init"), " ends lower than every other, by the intervals of A₁₂."
        return where, Span(next(iter(wins))), " ends lower than every other, by A₁₂."
    told = [f"{init} in {times}" for init, times in wins.most_common()]
    none = len(several) - sum(wins.values())
    said = names([*told, *([f"no init in {none}"] if none else [])])
    return (
        f"Of {len(several)} pairs of data set and k, one init ends lower than every other, by the "
        "intervals of A₁₂: ",
        Span(said),
        ".",
    )


def chance(p: float) -> str:
    """A p-value, no finer than its permutations tell.

    >>> chance(0.0312), chance(0.0001)
    ('p\xa0=\xa00.031', 'p\xa0<\xa00.001')
    """
    return f"p\u00a0{'<' if p < 0.001 else '='}\u00a0{number(max(p, 0.001), 1 + (p >= 0.001))}"


def names(words: Sequence[str]) -> str:
    """The words as a list in a sentence.

    >>> names(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _with_ranks(ranking: Ranking, inits: Sequence[str]) -> str:
    told = [f"{init} ({ranking.ranks[init]:.2f})" for init in inits[:FEW]]
    more = len(inits) - FEW
    return names([*told, f"{more} more"] if more > 0 else told)
