"""Advice for who only wants a number: which init, how many restarts, what to expect of them.

The inits are those that scikit-learn has, so that its line can be pasted.
"""

import math
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .choices import SCALES
from .data.datasets import read_table
from .data.guess import Guess, guess
from .errors import RunError, SpecError
from .runner import runner
from .runner.progress import Progress
from .runner.rounds import Goal
from .spec import checks
from .spec.plan import Cell
from .spec.spec import Data, Grid, Record, Spec
from .statistics import REACHED, Estimate, restarts_needed
from .wording import count, excess, interval, number, percent, times

if TYPE_CHECKING:
    import pandas as pd

    from .study.study import Study

NAMES = {"greedy-k-means++": "k-means++", "random": "random"}  # as scikit-learn calls them
NAMED = (
    'scikit-learn calls "k-means++" what is greedy-k-means++ here; k-means++ here is the plain one'
)
SCALERS = {"standard": "StandardScaler", "minmax": "MinMaxScaler"}
SECONDS = 30.0  # that it may take
NEAR = (1e-3, 1e-2)  # gaps that are told beside the one that was asked for
SURE = 0.9999  # a higher probability is only said to be higher


class Choice(NamedTuple):
    """One init, repeated as often as the goal takes."""

    init: str
    starts: int
    reach: Estimate  # of a single start
    n_init: int | None  # by the low end of `reach`; None where no start reached the goal
    success: Estimate  # of n_init starts
    work: float  # distance evaluations of n_init starts; infinite for none
    near: tuple[tuple[float, int], ...] = ()  # gaps above the goal's, and the n_init for them


class Advice(NamedTuple):
    """What to use on a data set, and what is known of it. `str` tells it."""

    data: str
    shape: tuple[int, int]
    k: int
    confidence: float
    gap: float  # of the advice: the one asked for, or the nearest that can be told
    scale: str
    best: float  # the lowest inertia found
    choices: tuple[Choice, ...]  # by rising work
    optima: int  # that starts of the first choice ended in
    seldom: int  # how often starts came within the gap asked for, where too seldom, else 0
    unseen: Estimate  # share of such starts that end in an optimum not seen yet
    guessed: tuple[str, ...]  # about columns, labels and scale
    max_iter: int

    def __str__(self) -> str:
        return "\n".join(f"{what:<8}{line}" for what, line in told(self))


def advise(
    data: str,
    k: int,
    *,
    confidence: float = 0.99,
    gap: float = 0.0,
    seconds: float = SECONDS,
    scale: str = "none",
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Advice:
    """Find the init, and how often to repeat it, that comes within a gap of the best inertia.

    data: a built-in name or a file, of which the numeric columns are used that are no labels.
    confidence: the probability wanted. gap: 0.01 is 1 % above the best found. seconds: at most
    these are spent, in rounds of more and more starts. Keeps nothing on disk.
    Raises SpecError, DataError where the input is wrong, RunError where no start has an outcome.
    """
    guessed = guess(read_table(data, Path()))
    asked = _spec(data, k, seconds, scale, guessed.columns)
    goal = Goal(_probability(confidence), checks.amount(gap, "gap") + REACHED)
    from .study import study as studies

    with tempfile.TemporaryDirectory(prefix="kmeans-lab-") as folder:
        path = runner.run(asked, results=folder, jobs=jobs, progress=progress, goal=goal)
        return _advice(studies.open(path), data, goal, tuple(_about(guessed, scale)))


def _about(guessed: Guess, scale: str) -> Iterator[str]:
    """Which columns are taken, which are not, and whether one of them outweighs the others."""
    for reason in guessed.reasons:
        kind = reason.partition(":")[0]
        if kind in ("columns", "left out"):
            yield reason
        elif kind == "truth" and guessed.truth:
            yield f"left out: {reason.removeprefix('truth: ')}, as labels"
        elif kind == "scale" and guessed.scale != scale == "none":
            yield f"{reason}: --scale {guessed.scale} lets them count alike"


def _spec(data: str, k: int, seconds: float, scale: str, columns: tuple[str, ...]) -> Spec:
    if not checks.amount(seconds, "seconds"):
        raise SpecError(f"seconds is {seconds:g}, no budget to find out; allowed: above 0")
    k = checks.whole(1)(k, "k")
    scale = checks.choice(SCALES)(scale, "scale")
    return Spec(
        name="advice",
        runs="auto",
        budget=seconds,
        data=(Data(data, columns=columns, scale=scale),),
        grid=Grid((k,), tuple(NAMES)),
        record=Record(steps=False, labels="none", silhouette="none"),
    )


def _probability(value: Any) -> float:
    share = checks.amount(value, "confidence")
    if not 0 < share < 1:
        raise checks.refuse("confidence", value, "above 0 and below 1, as 0.99")
    return share


def _advice(study: "Study", data: str, goal: Goal, guessed: tuple[str, ...]) -> Advice:
    runs, cell = study.runs, study.cells[0]
    if runs["inertia"].isna().all():
        raise RunError(f"no start on {data!r} has an outcome: {runs['note'].iloc[0]}")
    best, X = study.best(cell.dataset, cell.k), study.dataset(cell.dataset).X
    nearest = _told(study, goal)
    choices = [_choice(study, each, nearest, len(X)) for each in study.cells]
    choices.sort(key=lambda choice: choice.work)
    first: dict[Any, Any] = study.richness.set_index("init").loc[choices[0].init].to_dict()
    return Advice(
        data,
        X.shape,
        cell.k,
        goal.confidence,
        nearest.gap - REACHED,
        study.spec.data[0].scale,
        best,
        tuple(choices),
        int(first["optima"]),
        study.seldom(cell.dataset, cell.k, goal.gap),
        Estimate(*(first[name] for name in ("unseen", "unseen_low", "unseen_high"))),
        guessed,
        study.spec.lloyd.max_iter,
    )


def _told(study: "Study", goal: Goal) -> Goal:
    """The goal, or the nearest one that starts came to often enough to tell how likely it is."""
    cell = study.cells[0]
    wider = [goal.gap, *(gap + REACHED for gap in NEAR if gap > goal.gap)]
    told = [gap for gap in wider if not study.seldom(cell.dataset, cell.k, gap)]
    return goal._replace(gap=told[0] if told else goal.gap)


def _choice(study: "Study", cell: Cell, goal: Goal, n: int) -> Choice:
    starts = study.starts(cell)
    reach = study.success(cell, goal.gap)
    if cell.k == 1:  # the mean, wherever the start is
        reach = Estimate(1.0, 1.0, 1.0)
    needed = restarts_needed(reach, goal.confidence).high
    if not math.isfinite(needed):
        return Choice(cell.init, len(starts), reach, None, Estimate(0.0, 0.0, 0.0), math.inf)
    success = Estimate(*(1 - (1 - p) ** needed for p in reach))
    work = needed * _work(starts, cell.k, n)
    fewer = {g: restarts_needed(study.success(cell, g), goal.confidence).high for g in NEAR}
    near = tuple((g, int(R)) for g, R in fewer.items() if g > goal.gap)
    return Choice(cell.init, len(starts), reach, int(needed), success, work, near)


def _work(starts: "pd.DataFrame", k: int, n: int) -> float:
    """Distance evaluations of a start, on average, its initializer's included."""
    return float((starts["n_iter"] * k * n + starts["init_distances"]).mean())


def told(advice: Advice) -> Iterator[tuple[str, str]]:
    """The advice in lines, each with the word it stands under."""
    first, *others = advice.choices
    n, d = advice.shape
    starts = f"{count(first.starts)} starts of each init"
    size = f"{count(n)} points, {_some(d, 'feature', 'features')}"
    yield "data", f"{advice.data}: {size}, k = {advice.k}; {starts}"
    for reason in advice.guessed:
        yield "", reason
    if first.n_init is None:
        seen = (
            f"it was seen {times(advice.seldom)} only" if advice.seldom else "no start reached it"
        )
        yield "use", f"not known for that goal: {seen}; give it more --seconds, or a wider --gap"
        return
    yield "use", f'init = "{NAMES[first.init]}", n_init = {count(first.n_init)}'
    if advice.seldom:
        yield "", _why_wider(advice)
    goal = f"within {excess(advice.gap)} of " * (advice.gap > 0) + "the best inertia found"
    one = f"a single start in {percent(first.reach.value)} {interval(first.reach)}"
    yield "expect", f"{goal} ({number(advice.best, 6)}) in {_sure(first.success)} of fits; {one}"
    if first.near and first.n_init > 1 and advice.best:  # within 0.1 % of 0 nothing is
        fewer = (f"within {excess(gap)} of it: n_init = {count(R)}" for gap, R in first.near)
        yield "enough", "; ".join(fewer)
    for other in others:
        yield "instead", _instead(other, first)
    yield "unknown", _unknown(advice)
    yield "names", NAMED
    yield "paste", paste(advice)


def _why_wider(advice: Advice) -> str:
    seen = f"what was asked for was seen {times(advice.seldom)} only, too seldom to tell how likely"
    return f"{seen}: this is for {excess(advice.gap)} above the best; more --seconds may tell"


def _sure(success: Estimate) -> str:
    if success.low > SURE:
        return f"over {percent(SURE)}"
    if success.value > SURE:
        return f"over {percent(SURE)} [from {percent(success.low)}]"
    return f"{percent(success.value)} {interval(success)}"


def _instead(other: Choice, first: Choice) -> str:
    name = f'init = "{NAMES[other.init]}"'
    if other.n_init is None:
        return f"{name}: no start of {count(other.starts)} reached it"
    times = f"{number(other.work / first.work, 2)} times the work"
    one = f"{percent(other.reach.value)} {interval(other.reach)}"
    return f"{name}, n_init = {count(other.n_init)}: {times}; a single start in {one}"


def _unknown(advice: Advice) -> str:
    share = f"{percent(advice.unseen.value)} {interval(advice.unseen)}"
    seen = _some(advice.optima, "optimum", "optima")
    return f"{seen} seen with it; {share} of its new starts end in another, which may be better"


def _some(number: int, one: str, more: str) -> str:
    return f"{count(number)} {one if number == 1 else more}"


def paste(advice: Advice) -> str:
    """The call of scikit-learn that does what is advised."""
    first, scaler = advice.choices[0], SCALERS.get(advice.scale)
    points = f"{scaler}().fit_transform(X)" if scaler else "X"
    settings = f'init="{NAMES[first.init]}", n_init={first.n_init}, max_iter={advice.max_iter}'
    return f"KMeans(n_clusters={advice.k}, {settings}, tol=0).fit({points})"
