"""What one start leaves: its steps, and the frames a film shows of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, overload

import numpy as np
from numpy.typing import NDArray

from ..errors import RunError
from ..kernels.lloyd import STATUS
from ..kernels.records import Batch
from ..wording import excess, number
from .tables import unpack_centers, unpack_labels

ENDINGS = {
    "converged": "converged in {}",
    "max_iter": "cut off after {}",
    "tol": "stopped by tol after {}",
    "cycle": "stopped in a cycle after {}",
    "empty_cluster": "stopped by an empty cluster after {}",
}
CUT_OFF = {
    "max_iter": "cut off here by max_iter, not converged",
    "tol": "stopped here by tol: the centers hardly moved",
    "cycle": "stopped here, back at the labels of an earlier step: a cycle",
    "empty_cluster": "stopped here, a cluster is empty",
}


class Frame(TypedDict):
    """One half-step as it is drawn."""

    phase: str  # init, assign, update or converged
    iteration: int  # 0 for init, then from 1
    centroids: NDArray[np.float64]  # (k, d)
    labels: NDArray[np.int64]  # (n,), -1 while unassigned
    description: str


@dataclass(frozen=True, eq=False, repr=False)
class Trace(Sequence[Frame]):
    """The S steps of one start; indexing gives its frames, made when asked for."""

    X: NDArray[np.float64]  # (n, d)
    k: int
    centers: NDArray[np.float64]  # (S+1, k, d): those each assign used, then the last update's;
    #                               (S, k, d) after `empty_cluster`, which makes no last update
    labels: NDArray[np.unsignedinteger]  # (S, n), after relocation
    inertia: NDArray[np.float64]  # (S,), squared data units
    silhouette: NDArray[np.float64]  # (S,), NaN where undefined or not recorded
    silhouette_se: NDArray[np.float64]  # (S,), NaN where exact
    moved: NDArray[np.int64]  # (S,), labels changed since the step before
    status: str
    dataset: str | None = None
    init: str | None = None
    seed: int | None = None
    run: int | None = None
    outcome_inertia: float = float("nan")
    gap: float | None = None
    columns: tuple[str, ...] = ()
    note: str = ""

    def __repr__(self) -> str:
        return f"<Trace {self.title}: {len(self)} frames>"

    @property
    def steps(self) -> int:
        """Number of steps, the confirming one included."""
        return len(self.labels)

    @property
    def title(self) -> str:
        """Who this start is and how it ended, in one line."""
        who = [self.dataset, f"k = {self.k}", self.init]
        if self.seed is not None:
            who.append(f"seed {self.seed}")
        parts = [", ".join(part for part in who if part)]
        if np.isfinite(self.outcome_inertia):
            parts.append(f"inertia {number(self.outcome_inertia, 5)}")
        if self.gap is not None:
            parts.append(f"gap {excess(self.gap)}".replace("\xa0", " "))
        return " · ".join([*parts, self.ending])

    @property
    def ending(self) -> str:
        """How it ended, and after how many steps."""
        return ENDINGS[self.status].format(_count(self.steps, "step"))

    @property
    def best(self) -> float:
        """The lowest inertia known of the dataset and k; NaN where the gap to it is not known."""
        if self.gap is None:
            return float("nan")
        return self.outcome_inertia / (1 + self.gap)

    def __len__(self) -> int:
        return len(self.centers) + self.steps + (self.status == "converged")

    @overload
    def __getitem__(self, index: int) -> Frame: ...
    @overload
    def __getitem__(self, index: slice) -> list[Frame]: ...
    def __getitem__(self, index: int | slice) -> Frame | list[Frame]:
        if isinstance(index, slice):
            return [self._frame(i) for i in range(*index.indices(len(self)))]
        return self._frame(range(len(self))[index])

    def _frame(self, i: int) -> Frame:
        if i == 0:
            nobody = np.full(len(self.X), -1, np.int64)
            how = f" ({self.init})" if self.init else ""
            return self._made(
                "init", 0, 0, nobody, f"Start: {_count(self.k, 'center')} placed{how}"
            )
        if self.status == "converged" and i == len(self) - 1:
            text = f"Converged after {_count(self.steps, 'step')}: no point changed cluster"
            return self._made("converged", self.steps, self.steps, self.labels[-1], text)
        step, half = (i + 1) // 2, "update" if i % 2 == 0 else "assign"
        what = self._moved(step) if half == "assign" else "each center moves to its points' mean"
        if i == len(self) - 1:
            what = CUT_OFF[self.status]
        text = f"Step {step} · {half}: {what}"
        used = step if half == "update" else step - 1
        return self._made(half, step, used, self.labels[step - 1], text)

    def _made(
        self, phase: str, iteration: int, row: int, labels: NDArray[np.integer], text: str
    ) -> Frame:
        return Frame(
            phase=phase,
            iteration=iteration,
            centroids=self.centers[row].copy(),
            labels=labels.astype(np.int64),  # a copy
            description=text,
        )

    def _moved(self, step: int) -> str:
        if step == 1:
            return "each point joins its nearest center"
        moved = int(self.moved[step - 1])
        return f"{_count(moved, 'point') if moved else 'no point'} changed cluster"


def from_batch(X: NDArray[np.float64], k: int, batch: Batch, **about: Any) -> Trace:
    """The trace of a batch of one start, labels recorded; `about` gives Trace's other fields."""
    status = STATUS[batch.status[0]]
    last = batch.centers if status != "empty_cluster" else batch.centers[:0]
    return Trace(
        X,
        k,
        np.concatenate([batch.step_centers, last]),
        batch.step_labels,
        batch.step_inertia,
        batch.step_silhouette,
        batch.step_silhouette_se,
        batch.step_moved.astype(np.int64),
        status,
        outcome_inertia=float(batch.inertia[0]),
        **about,
    )


def from_tables(X: NDArray[np.float64], run: Any, steps: Any, **about: Any) -> Trace:
    """The trace of a recorded start: its one row of runs/ and its rows of steps/, labels recorded.

    run, steps: Arrow tables; the steps in any order. Raises RunError where some are missing.
    """
    row = run.select(["run", "dataset", "k", "init", "seed", "status", "n_iter", "inertia"])
    row = row.to_pylist()[0]
    if len(steps) != row["n_iter"]:
        raise RunError(f"run {row['run']} has {len(steps)} of its {row['n_iter']} steps")
    steps = steps.sort_by("iteration")
    k = row["k"]
    centers = unpack_centers(steps["centers"], k)
    if row["status"] != "empty_cluster":
        centers = np.concatenate([centers, unpack_centers(run["centers"], k)])
    return Trace(
        X,
        k,
        centers,
        unpack_labels(steps["labels"], k),
        _floats(steps["inertia"]),
        _floats(steps["silhouette"]),
        _floats(steps["silhouette_se"]),
        steps["moved"].to_numpy().astype(np.int64),
        row["status"],
        dataset=row["dataset"],
        init=row["init"],
        seed=row["seed"],
        run=row["run"],
        outcome_inertia=float("nan") if row["inertia"] is None else row["inertia"],
        **about,
    )


def _floats(column: Any) -> NDArray[np.float64]:
    return np.asarray(column.to_numpy(), dtype=np.float64)  # null reads as NaN


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
