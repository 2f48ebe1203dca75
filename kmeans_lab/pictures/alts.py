"""What a picture shows, in words with numbers, for those who do not see it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..statistics import REACHED
from ..wording import apart, count, excess, number, percent, ratio
from .axes import finite, pairs
from .doubt import told_doubt
from .figures import (
    BasinsInfo,
    CostInfo,
    DataInfo,
    DoubtInfo,
    EcdfInfo,
    FateInfo,
    GalleryInfo,
    HistoriesInfo,
    IterationsInfo,
    OnsetInfo,
    PointsInfo,
    RanksInfo,
    RestartsInfo,
    ScatterInfo,
    StairsInfo,
    SweepInfo,
    WaysInfo,
    notable,
)
from .gallery import told_gallery
from .portrait import PortraitInfo, legend_of
from .stairs import told_onset, told_stairs
from .ways import told_ways

WAVERING = 0.9  # a consistency below which a point is counted as wavering
FEW = 8  # series, groups or optima that are told one by one


def alt(info: Any) -> str:
    """The words for an Info."""
    return WORDS[type(info)](info)


def _data(info: DataInfo) -> str:
    X = np.asarray(info.X)
    axes = " against ".join(reversed(info.columns)) if X.shape[1] <= 2 else "principal plane"
    said = f"Scatter of {count(len(X))} points, {axes}"
    if info.truth is None:
        return f"{said}; no hidden groups are known."
    sizes = np.bincount(np.asarray(info.truth, int)).tolist()
    named = zip(info.truth_names, sizes, strict=False)
    groups = ", ".join(f"{name} {count(size)}" for name, size in [*named][:FEW])
    more = f" and {len(sizes) - FEW} more" if len(sizes) > FEW else ""
    return f"{said}, in {len(sizes)} hidden groups: {groups}{more}."


def _ecdf(info: EcdfInfo) -> str:
    def word(pair: tuple[ArrayLike, ArrayLike]) -> str:
        values, shares = pairs(*pair)
        if not values.size:
            return "no outcome"
        half = values[min(int(np.searchsorted(shares, 0.5)), values.size - 1)]
        lowest, middle, highest = apart([values[0], half, values[-1]])
        said = f"lowest {lowest}, half by {middle}, all by {highest}"
        if info.best is None:
            return said
        return f"{percent(_at_best(values, shares, info.best))} at the best known, {said}"

    best = "" if info.best is None else f"; best known {number(info.best)}"
    start = f"Share of the starts that end at an {info.label} or below{best}."
    return f"{start} {_each(info.series, word)}"


def _at_best(values: Any, shares: Any, best: float) -> float:
    reached = values <= best * (1 + REACHED)
    return float(shares[reached].max(initial=0.0))


def _basins(info: BasinsInfo) -> str:
    inertia = np.asarray(info.inertia)
    if not inertia.size:
        return "Share of the starts that end in each optimum: no start has converged."
    shown = notable(info)
    rows = [
        f"optimum {i + 1} at inertia {name}: "
        + ", ".join(f"{init} {percent(float(np.asarray(s)[i]))}" for init, s in info.shares.items())
        for i, name in zip(shown, apart(inertia[shown].tolist(), most=7), strict=True)
    ]
    return f"Bars: share of the starts in each of {count(inertia.size)} optima. {'; '.join(rows)}."


def _restarts(info: RestartsInfo) -> str:
    def word(gap: Mapping[int, float]) -> str:
        some = [R for R in gap if R in {1, 10, 100, max(gap)}]
        return ", ".join(f"{excess(gap[R])} for R = {R}" for R in some) or "no outcome"

    needed = ", ".join(f"{name} {count(int(R))}" for name, R in [*info.needed.items()][:FEW])
    marked = f" Restarts for 99\u00a0%: {needed}." if needed else ""
    return f"Expected gap of the best of R starts. {_each(info.series, word)}{marked}"


def _iterations(info: IterationsInfo) -> str:
    def word(steps: ArrayLike) -> str:
        known = finite(steps)
        if not known.size:
            return "no outcome"
        return f"{known.min():.0f} to {known.max():.0f}, half up to {np.median(known):.0f}"

    return f"Histogram of the steps made. {_each(info.series, word)}"


def _sweep(info: SweepInfo) -> str:
    def word(values: ArrayLike) -> str:
        known = zip(info.k, np.asarray(values, dtype=np.float64).tolist(), strict=True)
        return ", ".join(f"{_short(value)} at k = {k}" for k, value in known)

    return f"Lines: {info.label} against k. {_each(info.series, word)}"


def _short(value: float) -> str:
    return count(int(value)) if value.is_integer() and value < 1e6 else number(value)


def _scatter(info: ScatterInfo) -> str:
    def word(name: str) -> str:
        inertia, silhouette = pairs(*info.series[name])
        if not inertia.size:
            return "none"
        ends = [f"{number(x.min())} to {number(x.max())}" for x in (inertia, silhouette)]
        said = f"inertia {ends[0]}, silhouette {ends[1]}"
        if name in info.ranks:
            said += f", rank correlation {ratio(info.ranks[name])}"
        if name in info.same:
            said += f", {'the same' if info.same[name] else 'another'} start is best by silhouette"
        return said

    each = {name: name for name in info.series}
    return f"Scatter of silhouette against inertia of the starts. {_each(each, word)}"


def _histories(info: HistoriesInfo) -> str:
    def word(scores: ArrayLike) -> str:
        every = np.asarray(scores, dtype=np.float64)
        if not finite(every).size:
            return "none"
        ends = f"{number(every[0], 2)} after step 1, {number(every[-1], 2)} after step {len(every)}"
        return ends if len(every) > 1 else ends.partition(",")[0]

    return f"Silhouette after each step. {_each(info.series, word)}"


def _ranks(info: RanksInfo) -> str:
    ranked = sorted(info.ranks.items(), key=lambda pair: pair[1])
    said = ", ".join(f"{name} {number(rank, 3)}" for name, rank in ranked) or "no ranking"
    close = "; ".join(", ".join(group) for group in info.groups) or "none"
    return (
        f"Average ranks over the data sets, the best first: {said}. Critical difference "
        f"{number(info.difference, 3)}. Not told apart: {close}."
    )


def _cost(info: CostInfo) -> str:
    def word(both: tuple[ArrayLike, ArrayLike]) -> str:
        cost, share = pairs(*both)
        reached = [(q, cost[share >= q]) for q in (0.5, 0.95)]
        said = [f"{percent(q)} by {number(found[0], 3)}" for q, found in reached if found.size]
        return ", ".join(said) or "never"

    return f"Probability that restarts have reached the best, by {info.label}. " + _each(
        info.series, word
    )


def _fate(info: FateInfo) -> str:
    def word(both: tuple[ArrayLike, ArrayLike]) -> str:
        merged, sealed = (np.asarray(shares, dtype=np.float64) for shares in both)
        if not sealed.size:
            return "not followed"
        half = int(np.argmax(sealed >= 0.5)) + 1
        share = percent(float(merged[-1]))
        return f"half are sealed by step {half}; {share} merged by step {len(merged)}"

    return "Shares of the starts that are sealed and merged after each step. " + _each(
        info.series, word
    )


def _points(info: PointsInfo) -> str:
    alike = finite(info.consistency)
    if not alike.size:
        return "Points by how alike two starts see them: fewer than two starts have converged."
    least = number(float(alike.min()), 3)
    wavering = int((alike < WAVERING).sum())
    return (
        f"Points by how alike two starts see them: mean {number(float(alike.mean()), 3)}, least "
        f"{least}; {count(wavering)} of {count(alike.size)} below {WAVERING}."
    )


def _portrait(info: PortraitInfo) -> str:
    numbers = " and ".join(str(c + 1) for c in info.swept)
    who = f"center {numbers}" if len(info.swept) == 1 else f"centers {numbers}"
    rows, cols = info.optimum.shape
    low, high = int(info.steps.min()), int(info.steps.max())
    shares = "; ".join(f"{percent(e.share)} {e.text}" for e in legend_of(info))
    said = f"Map of {count(rows * cols)} starts by where {who} is put, colored by where they end"
    return f"{said}, after {low} to {high} steps: {shares}."


def _each(series: Mapping[str, Any], word: Callable[[Any], str]) -> str:
    """Each series by its name and word, up to FEW."""
    said = [f"{name}: {word(values)}" for name, values in [*series.items()][:FEW]]
    more = f"; {len(series) - FEW} more" if len(series) > FEW else ""
    return ("; ".join(said) or "none") + more + "."


WORDS: dict[type, Callable[[Any], str]] = {
    DataInfo: _data,
    EcdfInfo: _ecdf,
    BasinsInfo: _basins,
    RestartsInfo: _restarts,
    IterationsInfo: _iterations,
    SweepInfo: _sweep,
    ScatterInfo: _scatter,
    HistoriesInfo: _histories,
    RanksInfo: _ranks,
    CostInfo: _cost,
    FateInfo: _fate,
    PointsInfo: _points,
    DoubtInfo: told_doubt,
    WaysInfo: told_ways,
    PortraitInfo: _portrait,
    GalleryInfo: told_gallery,
    StairsInfo: told_stairs,
    OnsetInfo: told_onset,
}
