"""What a user holds of a study: tables, picked starts, traces, pictures and films."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from .. import landscape
from ..data.datasets import Dataset
from ..errors import SpecError
from ..fates import Fates
from ..kernels.lloyd import STATUS
from ..spec.plan import Cell, cells
from ..spec.spec import Spec
from ..statistics import REACHED, CellStatistics, Estimate, describe, gaps, opened, success
from ..store.belonging import runs_of
from ..store.store import Store
from ..trace.trace import Trace
from . import contest, evidence, picks, traces
from .atlas import optima_of
from .ends import described

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..film.animation import Film
    from ..portraits.film import PortraitFilm


DESCRIBED = ("status", "inertia", "silhouette", "n_iter", "partition", "ari")


def open(folder: str | Path) -> "Study":
    """The study in a folder. Raises SpecError where there is none."""
    return Study(folder)


class Study:
    """A study's folder, read as it is needed; what is read is kept.

    folder: where it stands. spec: what was asked, every default written out.
    Raises SpecError where there is no study, or one of a newer version; RunError where it is
    damaged.
    """

    def __init__(self, folder: str | Path) -> None:
        self.store = Store(folder)
        self.folder = self.store.folder
        if not self.store.exists():
            raise SpecError(f"{self.folder} is no study; allowed: a folder that `run` has made")
        self.spec: Spec = self.store.spec()

    def __repr__(self) -> str:
        done = len(self.store.runs(["run"]))
        some = ", ".join(cell.label for cell in self.cells[:3])
        more = ", …" if len(self.cells) > 3 else ""
        return f"<Study {self.spec.name}: {done} starts of {some}{more} in {self.folder}>"

    def _repr_html_(self) -> str:
        from .card import card

        return card(self)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The cells, in the spec's order."""
        return cells(self.spec)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a start, in the order of `run`."""
        frame: pd.DataFrame = runs_of(self.store, self.cells).to_pandas()
        return frame

    @cached_property
    def steps(self) -> pd.DataFrame:
        """One row a step, in the order of `run` and `iteration`."""
        steps = self.store.steps().sort_by([("run", "ascending"), ("iteration", "ascending")])
        frame: pd.DataFrame = steps.to_pandas()
        return frame

    @cached_property
    def optima(self) -> pd.DataFrame:
        """One row an optimum of each dataset and k, by rising inertia; see landscape.optima.

        Column `sizes`: the members of its clusters, largest first. `transfer_improves`: whether
        another cluster would take a single point to a gain; told of the best 200, else null.
        """
        table = landscape.optima(self.runs, self._best)
        return described(table, self.runs.set_index("run")["centers"], self.dataset)

    @cached_property
    def reference(self) -> pd.DataFrame:
        """One row for each data set and k that a reference was searched for, in the spec's order.

        inertia: of the best partition found by `method` after so many `swaps` and `seconds`, or
        `proven` to be lowest. best_start, stated: the lowest inertia of the starts, and in the
        spec. winner: who has the lowest; margin: the gap to the next.
        """
        return contest.table(self)

    @cached_property
    def contests(self) -> Mapping[tuple[str, int], contest.Contest]:
        """The lowest inertia of starts, reference and spec by data set and k."""
        return contest.contests(self)

    def dataset(self, name: str) -> Dataset:
        """A data set as the study keeps it."""
        return self._datasets(name)

    @cached_property
    def _datasets(self) -> Callable[[str], Dataset]:
        return cache(self.store.dataset)

    @cached_property
    def _best(self) -> Mapping[tuple[str, int], float]:
        return {pair: sides.best for pair, sides in self.contests.items()}

    def best(self, dataset: str, k: int) -> float:
        """Best known inertia of a data set and k: found, searched for or stated; NaN for none."""
        return self._best[dataset, k]

    def starts(self, cell: Cell) -> pd.DataFrame:
        """The rows of `runs` of one cell."""
        return self._starts(cell)

    @cached_property
    def _starts(self) -> Callable[[Cell], pd.DataFrame]:
        place = self.runs["run"] % len(self.cells)
        return cache(lambda cell: self.runs[place == cell.index])

    def statistics(self, cell: Cell) -> CellStatistics:
        """What the starts of one cell say."""
        return self._statistics(cell)

    @cached_property
    def _statistics(self) -> Callable[[Cell], CellStatistics]:
        return cache(self._described)

    def _described(self, cell: Cell) -> CellStatistics:
        starts, best = self.starts(cell), self.best(cell.dataset, cell.k)
        columns = {name: starts[name].to_numpy() for name in DESCRIBED}
        seldom = self.seldom(cell.dataset, cell.k) > 0
        return describe(**columns, best=best, exact=self.is_exact(cell), seldom=seldom)

    def seldom(self, dataset: str, k: int, gap: float = REACHED) -> int:
        """How often the best was seen, or a start came within a gap of it, if too seldom, else 0.

        Too seldom to tell how likely that is: then the low end of its share is 0.
        """
        runs = self.runs[(self.runs["dataset"] == dataset) & (self.runs["k"] == k)]
        sides = self.contests[dataset, k]
        known = sides.elsewhere or any(
            self.is_exact(cell)
            for cell in self.cells
            if cell.census and (cell.dataset, cell.k) == (dataset, k)
        )
        return contest.seldom(runs["inertia"], sides.best, known, gap)

    def is_exact(self, cell: Cell) -> bool:
        """Whether the starts of a cell are all there are, so that shares are no estimates."""
        return cell.deterministic or (cell.census and len(self.starts(cell)) == cell.starts)

    def certain(self, cell: Cell, share: Estimate) -> Estimate:
        """A share of a cell's starts, without an interval where it is exact."""
        return Estimate(*[share.value] * 3) if self.is_exact(cell) else share

    def fates(self, cell: Cell) -> Fates | None:
        """When the converged starts of a cell merge, and when it shows where each of them ends.

        None where labels were not recorded at every step.
        """
        return self._fates(cell)

    @cached_property
    def _fates(self) -> Callable[[Cell], Fates | None]:
        return cache(lambda cell: traces.fates_of(self, cell))

    def success(self, cell: Cell, gap: float = REACHED) -> Estimate:
        """Share of a cell's starts that come within a gap of the best inertia known."""
        starts, best = self.starts(cell), self.best(cell.dataset, cell.k)
        found = success(gaps(starts["inertia"], best), [gap])[gap]
        return self.certain(
            cell, opened(found) if self.seldom(cell.dataset, cell.k, gap) else found
        )

    @cached_property
    def richness(self) -> pd.DataFrame:
        """One row a cell: how many optima there are, by those that its converged starts end in.

        optima: seen. effective, effective_2: Hill numbers of orders 1 and 2. largest: the share of
        the largest basin. unseen: share of new starts that end in an optimum not seen yet. chao1:
        optima there are at least. posterior_optima, posterior_unseen: of Boender and Rinnooy Kan.
        """
        return evidence.richness(self)

    @cached_property
    def costs(self) -> pd.DataFrame:
        """One row a cell: success within gaps, and what it costs to reach the best known inertia.

        within_0.01: share of starts up to 1 % above the best. work: distance evaluations of a
        start, its initializer's included; target_work: of starts repeated until one succeeds;
        price_work: of as many as succeed with probability 0.99. The same in seconds.
        """
        return evidence.costs(self)

    @cached_property
    def stability(self) -> pd.DataFrame:
        """One row a cell: how far two random starts agree, point by point too, and the truth.

        ari, ami, vi: means over all pairs of converged starts, of the partitions compared;
        left_out: share of the starts whose partitions were not. consistency, least_consistent: mean
        and least over the points of how alike two starts see a point; coassociation: how often a
        start leaves a point with those of its cluster in optimum 1. centroid_index: mean against
        the means of the hidden groups; found_all: share of starts where it is 0.
        """
        return evidence.stability(self)

    def summary(self) -> pd.DataFrame:
        """One row a cell: starts, quantiles, optima, chance to reach the best, restarts needed.

        A share and what follows from it has its 95 % interval in the columns …_low and …_high.
        """
        return pd.DataFrame(
            {"dataset": cell.dataset, "k": cell.k, "init": cell.init} | flat(self.statistics(cell))
            for cell in self.cells
        )

    def cell(
        self, dataset: str | None = None, k: int | None = None, init: str | None = None
    ) -> Cell:
        """The cell of these names; each may be left out where the study has one value for it."""
        return picks.one_cell(self.cells, self.folder, dataset, k, init)

    def chosen(self, pick: str, cell: Cell) -> int | None:
        """The id of the start of a cell that a pick means, as best or seed=128; None for none."""
        return picks.chosen(pick, self.starts(cell), self._optima_of(cell, pick))

    def _optima_of(self, cell: Cell, pick: str) -> pd.DataFrame:
        """The optima of a cell's dataset and k, where a pick asks for one."""
        if not pick.startswith("optimum"):
            return pd.DataFrame()
        return optima_of(self, cell)

    def trace(
        self,
        pick: str | None = None,
        *,
        seed: int | None = None,
        run: int | None = None,
        optimum: int | None = None,
        dataset: str | None = None,
        k: int | None = None,
        init: str | None = None,
    ) -> Trace:
        """The frames of one start, recorded or replayed, the same either way.

        Which one: a pick such as "best", or seed, run or optimum. The cell: dataset, k, init.
        Raises SpecError where nothing or more than one start is meant.
        """
        wanted = picks.one_pick(pick, seed, run, optimum)
        cell = picks.cell_of([wanted], self.cells, self.folder, dataset=dataset, k=k, init=init)
        return self.trace_of(self.found(wanted, cell))

    def found(self, pick: str, cell: Cell) -> int:
        """The id of the start of a cell that a pick means. Raises SpecError where there is none."""
        run = self.chosen(pick, cell)
        if run is None:
            lacking = f"no start {pick!r} in {cell.label} of {self.folder}"
            stored = picks.known(pick, self.starts(cell), self._optima_of(cell, pick))
            raise SpecError(f"{lacking}; stored: {stored}")
        return run

    def trace_of(self, run: int) -> Trace:
        """The frames of the start `run`.

        Raises SpecError where it is not stored, RunError where it failed or cannot be replayed.
        """
        rows = self.runs[self.runs["run"] == run]
        if rows.empty:
            raise SpecError(f"no start run={run} in {self.folder}; stored: {len(self.runs)} starts")
        return traces.trace_of(self, rows.iloc[0])

    def film(self, wanted: Sequence[str], cell: Cell) -> "Film":
        """The film of some starts of a cell side by side, cluster colors matched to the first."""
        from . import films

        return films.film(self, wanted, cell)

    def animate(
        self,
        *wanted: str,
        dataset: str | None = None,
        k: int | None = None,
        init: str | None = None,
    ) -> "Film":
        """The film of one start, by default the best, or of several side by side.

        wanted: as "best", "seed=128". It shows itself in a notebook; `.save("best.gif")` keeps it.
        """
        asked = [picks.one_pick(pick) for pick in wanted or ("best",)]
        cell = picks.cell_of(asked, self.cells, self.folder, dataset=dataset, k=k, init=init)
        return self.film(asked, cell)

    def figure(
        self,
        name: str,
        *,
        dataset: str | None = None,
        k: int | None = None,
        init: str | None = None,
    ) -> "Figure":
        """A picture of the report by its name. Raises SpecError for an unknown one."""
        from . import views

        return views.figure(self, name, dataset=dataset, k=k, init=init)

    def portrait(
        self,
        pick: str | None = None,
        center: int = 1,
        *,
        seed: int | None = None,
        run: int | None = None,
        optimum: int | None = None,
        against: int | None = None,
        dataset: str | None = None,
        k: int | None = None,
        init: str | None = None,
        resolution: int | None = None,
    ) -> "Figure":
        """Where k-means ends by where one first center of a start is put; the others stay.

        Which start: as for `trace`, by default the best. center: from 1. against: with one feature,
        the center on the other side. resolution: cells on each side, by default 300 or what takes
        some seconds. Raises SpecError as `trace` does.
        """
        from . import portraits

        wanted = picks.one_or_best(pick, seed, run, optimum)
        cell = picks.cell_of([wanted], self.cells, self.folder, dataset=dataset, k=k, init=init)
        asked = portraits.chosen(pick=wanted, center=center, against=against, resolution=resolution)
        return portraits.figure(self, cell, asked)

    def portrait_film(
        self,
        pick: str | None = None,
        center: int = 1,
        *,
        seed: int | None = None,
        run: int | None = None,
        optimum: int | None = None,
        against: int | None = None,
        dataset: str | None = None,
        k: int | None = None,
        init: str | None = None,
        resolution: int | None = None,
        frames: int | None = None,
    ) -> "PortraitFilm":
        """The portrait while another first center goes round the data and comes back.

        As `portrait`, but against: the center that goes round, by default the next. resolution: by
        default 150 at most. frames: 48 by default. It shows itself in a notebook;
        `.save("best.gif")` keeps it. Raises SpecError also where no center is left to go round.
        """
        from . import portraits

        wanted = picks.one_or_best(pick, seed, run, optimum)
        cell = picks.cell_of([wanted], self.cells, self.folder, dataset=dataset, k=k, init=init)
        sizes: Any = {"resolution": resolution, "frames": frames}
        asked = portraits.chosen(pick=wanted, center=center, against=against, **sizes)
        return portraits.film(self, cell, asked)

    def render(
        self,
        wanted: str | Sequence[str] | None = None,
        *,
        cell: str | None = None,
        formats: str | Sequence[str] | None = None,
    ) -> list[Path]:
        """Make animation files for each cell, or for one of a label; gives their paths.

        wanted, formats: one or several, by default the spec's. Several picks get one more film of
        them together. Raises SpecError for an unknown one, and for a pick that no cell has.
        """
        from . import renders

        return list(renders.render(self, wanted, cell, formats))


def flat(said: CellStatistics) -> dict[str, Any]:
    """Statistics as columns: tuples become name_field, mappings name_key."""
    row: dict[str, Any] = {"starts": said.starts, "outcomes": said.outcomes}
    row |= {f"status_{name}": said.status.get(name, 0) for name in STATUS}
    for name in ("inertia", "gap", "n_iter", "ari"):
        row |= {f"{name}_{key}": value for key, value in getattr(said, name)._asdict().items()}
    row |= {"optima": said.optima, "reached": said.reached, **_estimate("reach", said.reach)}
    for probability, needed in said.restarts.items():
        row |= _estimate(f"restarts_{100 * probability:.0f}", needed)
    row["rank_correlation"] = said.rank_correlation
    return row | {f"expected_gap_{count}": gap for count, gap in said.expected_gap.items()}


def _estimate(name: str, estimate: tuple[float, float, float]) -> dict[str, float]:
    return dict(zip((name, f"{name}_low", f"{name}_high"), estimate, strict=True))
