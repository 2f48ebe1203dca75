"""The report's science: how many optima, the best buy, how stable the ends are, when sealed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..spec.plan import Cell
from ..statistics import MOST_PARTITIONS, Estimate
from ..study import evidence
from ..wording import NONE, count, number, percent, ratio, times
from .definitions import INTERVALS
from .duels import duel_table, duels
from .findings import Pair, pairs_of
from .numbers import NUMBERS
from .page import Glossary, Part, Prose, Section, Share, Span
from .pictures import MOST, by_cell, by_pair
from .rows import cell_table, share_of

if TYPE_CHECKING:
    from ..study.study import Study

Row = dict[str, Any]
RICHNESS = (
    *("optima seen", "effective number"),
    *("unseen share", "optima, at least", "optima, posterior"),
)
GAPS = ("within 0.1\u00a0%", "within 1\u00a0%", "within 5\u00a0%")
AGREEMENT = ("mean ARI", "mean AMI", "mean VI", "consistency", "least consistent", "co-association")
GROUPS = ("mean Centroid Index", "all groups found")
FOREST = (
    *("starts followed", "partitions met", "merged", "merged at step (median)"),
    *("sealed at step (median)", "nine in ten sealed by step", "median steps"),
)
CENSUS = (
    "A census holds every choice of points in all its orders, which go the same way but for ties: "
    "that its starts merge at step 1 is so by construction."
)
DOUBT = (
    "Map of doubt: how many of the starts put a place into another cluster than the best optimum "
    "does, whose borders are the lines. Points that change sides in 5 % of the starts or more "
    "stand out, the larger the more often."
)
WAYS = (
    "The ways of the starts: where two meet they go on as one, wider; pale until they are sealed, "
    "then in the color of the optimum they end in, whose number and share of the starts stand on "
    "the right. Lines: the steps by which half and nine in ten are sealed."
)
SECONDS = (
    "Seconds are means over the batches that starts were run in, where starts share what they have "
    "in common: they tell what restarts cost here, not what a single fit takes."
)
FEW = 6  # inits up to which every two are compared in the page


def richness(study: "Study") -> Section:
    """How many optima there are, seen and unseen."""
    table = cell_table("How many optima there are", RICHNESS, study, _richness_row)
    line = (
        "Assumed: the starts of an init are independent draws, which seeds are; and, for the "
        "posterior, that all basins are alike beforehand, which they are not."
    )
    if all(map(study.is_exact, study.cells)):
        line = "Nothing is estimated: of each init these are all the starts there are."
    return Section("richness", "How many optima there are", (table, Prose((line,), "aside")))


def _richness_row(study: "Study", cell: Cell) -> tuple[str | Share, ...]:
    row = _row(study.richness, cell)
    if not row["optima"]:
        return (NONE,) * 5
    if cell.deterministic:
        return "1", "1", NONE, NONE, NONE
    return (
        count(row["optima"]),
        number(row["effective"], 3),
        share_of(_estimate(row, "unseen")),
        _range(_estimate(row, "chao1")),
        _optima(row["posterior_optima"]),
    )


def costs(study: "Study") -> Section:
    """Success within gaps, and what the best costs with each init."""
    near = cell_table("Success within gaps of the best", GAPS, study, _success_row)
    work = ("work of a start", "work to the best", "work for 99\u00a0%", "seconds for 99\u00a0%")
    table = cell_table("What the best costs, in distance evaluations", work, study, _cost_row)
    caption = {
        "cost": "Probability that restarts have reached the best, by the work done,",
        "seconds": "and by the time on one core.",
    }
    buys = [Prose(line) for pair in pairs_of(study)[:MOST] for line in _buy(study, pair)]
    parts = (*buys, table, Prose((SECONDS,), "aside"), near, *by_pair(study, caption))
    return Section("costs", "What the best costs", parts)


def _success_row(study: "Study", cell: Cell) -> tuple[str | Share, ...]:
    row = _row(study.costs, cell)
    return tuple(share_of(_estimate(row, f"within_{gap:g}")) for gap in (1e-3, 1e-2, 5e-2))


def _cost_row(study: "Study", cell: Cell) -> tuple[str, ...]:
    row = _row(study.costs, cell)
    work = [_spread(_estimate(row, name)) for name in ("target_work", "price_work")]
    return number(row["work"], 3), *work, _spread(_estimate(row, "price_seconds"), 2)


def _buy(study: "Study", pair: Pair) -> Iterator[tuple[str | Span, ...]]:
    bought = evidence.buy(study, list(pair.cells))
    name = f"On {pair.dataset} with k = {pair.k} the best buy is "
    if bought is None or len(pair.cells) < 2:
        return
    if np.isinf(bought.price.restarts.high):
        seen = study.seldom(pair.dataset, pair.k)
        seldom = f"the best was seen {times(seen)} only" if seen else "too few starts reach it"
        yield (f"On {pair.dataset} with k = {pair.k} the best buy is not known: {seldom}.",)
        return
    restarts = int(bought.price.restarts.value)
    often = "run once" if restarts == 1 else f"repeated {count(restarts)} times"
    text = f", {often}: {number(bought.price.cost.value, 3)} distance evaluations"
    if not study.is_exact(next(cell for cell in pair.cells if cell.init == bought.init)):
        text += " reach the best with 99\u00a0% probability"
    silent = [cell.init for cell in pair.cells if np.isnan(_row(study.costs, cell)["work"])]
    text += f"; not counted, as they do not tell their work: {', '.join(silent)}" * bool(silent)
    rivals = f"; no worse by these starts may be {', '.join(bought.rivals)}" * bool(bought.rivals)
    yield name, Span(bought.init), f"{text}{rivals}."


def inits(study: "Study") -> Section | None:
    """The inits of each data set and k, two at a time."""
    pairs = [pair for pair in pairs_of(study) if len(pair.cells) > 1]
    if not pairs:
        return None
    parts: list[Part] = []
    if not all(study.is_exact(cell) for pair in pairs for cell in pair.cells):
        parts.append(Prose((INTERVALS,), "aside"))
    for pair in pairs[:MOST]:
        parts += _duels(study, pair)
    if len(pairs) > MOST:
        parts.append(Prose((f"{len(pairs) - MOST} more are in summary.json.",), "aside"))
    text = (
        "A ranking over data sets needs several of them: ",
        Span("kmeans-lab compare STUDY …", "code"),
        ".",
    )
    return Section("inits", "The inits against each other", (*parts, Prose(text, "aside")))


def _duels(study: "Study", pair: Pair) -> Iterator[Part]:
    """Every two inits; of many, the one of the highest success against each other."""
    found = duels(study, pair)
    able = [cell for cell in pair.cells if study.statistics(cell).outcomes]
    name = f"{pair.dataset}, k = {pair.k}"
    if len(able) <= FEW:
        yield duel_table(f"{name}: the inits, two at a time", found)
        return
    best = max(able, key=lambda cell: study.statistics(cell).reach.value).init
    shown = [duel for duel in found if best in (duel.one, duel.other)]
    yield duel_table(f"{name}: {best}, the init of the highest success, and each other", shown)
    left = f"The other {count(len(found) - len(shown))} pairs of the {len(able)} inits are in "
    yield Prose((left, Span("summary.json", "code"), "."), "aside")


def stability(study: "Study") -> Section:
    """How far two starts agree, which points change sides, and whether the groups are found."""
    parts: list[Part] = [cell_table("Two random starts", AGREEMENT, study, _stability_row)]
    if (left := float(study.stability["left_out"].max())) > 0:
        text = f"Estimated from the first starts of each cell, as many as end in {MOST_PARTITIONS} "
        text += f"partitions at most; left out are at most {percent(left)} of a cell's."
        parts.append(Prose((text,), "aside"))
    caption = "The points by their consistency: the redder, the more often one changes sides."
    cells = [cell for cell in study.cells if not cell.deterministic]
    parts += by_cell(study, "points", caption, cells)
    parts += by_cell(study, "doubt", DOUBT, cells)
    if study.stability["centroid_index"].notna().any():
        parts.append(cell_table("The hidden groups", GROUPS, study, _groups_row))
    return Section("stability", "How stable the ends are", tuple(parts))


def _stability_row(study: "Study", cell: Cell) -> tuple[str, ...]:
    row = _row(study.stability, cell)
    told = [ratio(row["ari"]), ratio(row["ami"]), number(row["vi"], 3)]
    told += [ratio(row[name]) for name in ("consistency", "least_consistent", "coassociation")]
    return tuple(told)


def _groups_row(study: "Study", cell: Cell) -> tuple[str | Share, ...]:
    row = _row(study.stability, cell)
    return number(row["centroid_index"], 3), share_of(_estimate(row, "found_all"))


def fate(study: "Study") -> Section | None:
    """Where starts merge, and when it shows where they end; None without stored steps."""
    if not study.spec.record.steps:
        return None
    cells = [cell for cell in study.cells if not cell.deterministic]
    parts: list[Part] = []
    if any(study.fates(cell) for cell in cells):
        line = "Lines: share of the starts sealed after each step. Points: that have merged."
        parts.append(cell_table("The forest of ways", FOREST, study, _fate_row))
        parts += [Prose((CENSUS,), "aside")] * any(cell.census for cell in cells)
        parts += by_pair(study, {"fate": line})
    parts += by_cell(study, "ways", WAYS, cells)
    return Section("fate", "When a start is sealed", tuple(parts)) if parts else None


def _fate_row(study: "Study", cell: Cell) -> tuple[str, ...]:
    found = None if cell.deterministic else study.fates(cell)
    if found is None or not found.runs.size:
        return (NONE,) * 7
    merged = found.merged[found.merged > 0]
    return (
        count(found.runs.size),
        count(found.partitions),
        percent(merged.size / found.runs.size),
        f"{np.median(merged):.0f}" if merged.size else NONE,
        f"{np.median(found.sealed):.0f}",
        f"{np.quantile(found.sealed, 0.9, method='inverted_cdf'):.0f}",
        f"{np.median(found.steps):.0f}",
    )


def definitions(study: "Study") -> Section:
    """What each number is, and where its definition comes from."""
    return Section("definitions", "Definitions", (Glossary("The numbers", NUMBERS, open=True),))


def _row(table: Any, cell: Cell) -> Row:
    found: Row = table.iloc[cell.index].to_dict()
    return found


def _estimate(row: Row, name: str) -> Estimate:
    return Estimate(*(float(row[key]) for key in (name, f"{name}_low", f"{name}_high")))


def _range(value: Estimate) -> str:
    """A number of optima with its interval."""
    if np.isnan(value.value):
        return NONE
    told = _optima(value.value)
    sure = value.low == value.high
    return told if sure else f"{told} [{_optima(value.low)}–{_optima(value.high)}]"


def _optima(value: float) -> str:
    """A number of optima, estimated."""
    return count(int(value)) if value.is_integer() or value >= 1000 else number(value, 3)


def _spread(value: Estimate, digits: int = 3) -> str:
    if np.isinf(value.value) and np.isfinite(value.low):
        return f"≥ {number(value.low, digits)}"
    told = number(value.value, digits)
    if value.low == value.high or np.isnan(value.value):
        return told
    return f"{told} [{number(value.low, digits)}–{number(value.high, digits)}]"
