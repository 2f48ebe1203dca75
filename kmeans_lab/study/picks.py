"""Which start is meant: cells by their names, starts by rank or number."""

from collections.abc import Sequence

import pandas as pd

from ..choices import PICKS
from ..errors import SpecError, suggest
from ..spec import checks
from ..spec.plan import Cell


def one_cell(
    cells: Sequence[Cell], where: object, dataset: str | None, k: int | None, init: str | None
) -> Cell:
    """The cell of these names; each may be left out where the cells have one value for it.

    where: what the cells belong to, for the error. Raises SpecError that lists the choices.
    """
    found = list(cells)
    for name, value in {"dataset": dataset, "k": k, "init": init}.items():
        choices = list(dict.fromkeys(getattr(cell, name) for cell in found))
        if value is None and len(choices) > 1:
            listed = ", ".join(map(repr, choices))
            raise SpecError(f"{name} is not given for {where}; allowed: {listed}")
        if value is not None and value not in choices:
            raise SpecError(f"{name} is {value!r} for {where}{suggest(value, choices)}")
        found = [cell for cell in found if value in (None, getattr(cell, name))]
    return found[0]


def cell_of(
    wanted: Sequence[str],
    cells: Sequence[Cell],
    where: object,
    *,
    dataset: str | None,
    k: int | None,
    init: str | None,
) -> Cell:
    """The cell of these names; where none is given, a pick such as run=5 says which."""
    runs = [int(pick.partition("=")[2]) for pick in wanted if pick.startswith("run=")]
    if runs and (dataset, k, init) == (None, None, None):
        return cells[runs[0] % len(cells)]
    return one_cell(cells, where, dataset, k, init)


def one_pick(
    pick: str | None, seed: int | None = None, run: int | None = None, optimum: int | None = None
) -> str:
    """The one pick that is given. Raises SpecError for none and for more than one."""
    numbers = {"seed": seed, "run": run, "optimum": optimum}
    given = [] if pick is None else [pick]
    given += [f"{kind}={value}" for kind, value in numbers.items() if value is not None]
    if len(given) != 1:
        shown = ", ".join(map(str, given)) or "no start is picked"
        raise SpecError(f"{shown}; allowed: one, as seed=128, run=5, optimum=2 or 'best'")
    return str(checks.pick(given[0], "pick"))


def one_or_best(
    pick: str | None = None,
    seed: int | None = None,
    run: int | None = None,
    optimum: int | None = None,
) -> str:
    """The one pick that is given, the best where none is. Raises SpecError for more than one."""
    none = (pick, seed, run, optimum) == (None,) * 4
    return one_pick("best" if none else pick, seed, run, optimum)


def chosen(pick: str, starts: pd.DataFrame, optima: pd.DataFrame) -> int | None:
    """The id of the start of a cell that a pick means; None where the cell has none such.

    starts: the rows of `runs` of the cell. optima: those of its dataset and k.
    best, median (the lower one) and worst are by inertia; equals give way to the lowest seed.
    """
    kind, _, number = pick.partition("=")
    starts = starts.sort_values("seed")
    if kind in PICKS:
        found = _ranked(kind, starts[starts["inertia"].notna()])
    elif kind == "optimum":
        ends = optima.loc[optima["optimum"] == int(number), "partition"]
        found = starts[starts["partition"].isin(ends) & (starts["status"] == "converged")]
    else:
        found = starts[starts[kind] == int(number)]
    return None if found.empty else int(found["run"].iloc[0])


def known(pick: str, starts: pd.DataFrame, optima: pd.DataFrame) -> str:
    """What a pick of that kind may name among the starts of a cell, for an error's line."""
    if pick.startswith("optimum"):
        ended = optima["optimum"][optima["partition"].isin(starts["partition"])]
        if ended.empty:
            return "no optimum, as no start has converged"
        return f"optima {', '.join(map(str, ended[:20]))}{', …' * (len(ended) > 20)}"
    if pick in PICKS or starts.empty:
        return f"{len(starts)} starts, {starts['inertia'].notna().sum()} of them with an outcome"
    column = "run" if pick.startswith("run") else "seed"
    return f"{column}={starts[column].min()} to {column}={starts[column].max()}"


def _ranked(rank: str, ended: pd.DataFrame) -> pd.DataFrame:
    """The starts whose inertia is the lowest, the lower median or the highest."""
    if ended.empty:
        return ended
    inertia = ended["inertia"].sort_values()
    place = {"best": 0, "median": (len(inertia) - 1) // 2, "worst": -1}[rank]
    found: pd.DataFrame = ended[ended["inertia"] == inertia.iloc[place]]
    return found
