"""The cells of several studies as one table, where they may be compared at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from hashlib import sha256
from typing import NamedTuple

import pandas as pd

from ..choices import ALL
from ..errors import SpecError
from ..spec.plan import Cell
from ..statistics import REACHED, best_known
from ..study.contest import Contest
from ..study.study import DESCRIBED, Study

Key = tuple[str, int, str]
CELL = ["dataset", "k", "init"]
NOTHING = "allowed: studies that differ in data, k and init only"


class Joined(NamedTuple):
    """Starts of all studies, each once, and the cells they belong to."""

    cells: tuple[Cell, ...]  # in the order of the studies' data sets, of k, of their inits
    runs: pd.DataFrame  # CELL, seed, and what statistics are made of
    best: Mapping[tuple[str, int], float]  # best known inertia over all studies
    elsewhere: frozenset[tuple[str, int]]  # where not only the starts say that it is that low
    same: Mapping[str, str]  # "name in folder" of data that an earlier study calls by another name


def joined(studies: Sequence[Study]) -> Joined:
    """The studies as one. A start that several of them made counts once.

    Raises SpecError where one name stands for different data, or where starts would differ by more
    than their init: by [lloyd], or by the code of an initializer of the same name.
    """
    _check_folders(studies)
    _check_lloyd(studies)
    _check_inits(studies)
    names = _names(studies)
    planned = _as_planned(studies, names)
    runs = _runs(studies, names, planned)
    same = {
        f"{name} in {study.folder}": called[name]
        for study, called in zip(studies, names, strict=True)
        for name in called
        if called[name] != name
    }
    contests = _contests(studies, names)
    best = {pair: best_known([each.best for each in found]) for pair, found in contests.items()}
    known = frozenset(
        pair
        for pair, found in contests.items()
        if any(each.elsewhere and each.best <= best[pair] * (1 + REACHED) for each in found)
    )
    return Joined(_cells(planned, runs), runs, best, known, same)


def _check_folders(studies: Sequence[Study]) -> None:
    if not studies:
        raise SpecError("no study is given; allowed: the folders of one or more studies")
    seen = set()
    for study in studies:
        if (folder := study.folder.resolve()) in seen:
            raise SpecError(f"{study.folder} is given twice; allowed: each study once")
        seen.add(folder)


def _check_lloyd(studies: Sequence[Study]) -> None:
    first = studies[0]
    for study in studies[1:]:
        for f in fields(first.spec.lloyd):
            was, now = (getattr(each.spec.lloyd, f.name) for each in (first, study))
            if was != now:
                raise SpecError(
                    f"[lloyd] {f.name} is {was!r} in {first.folder} and {now!r} in {study.folder}; "
                    f"{NOTHING}"
                )


def _check_inits(studies: Sequence[Study]) -> None:
    known: dict[str, tuple[str, Study]] = {}
    for study in studies:
        for init, code in study.store.about().get("inits", {}).items():
            first_code, first = known.setdefault(init, (code, study))
            if first_code != code:
                raise SpecError(
                    f"init {init!r} is other code in {first.folder} than in {study.folder}; "
                    "allowed: one name for one initializer: give one of them another name and run "
                    "it again"
                )


def _names(studies: Sequence[Study]) -> list[dict[str, str]]:
    """For each study, its data sets' names and what they are called in all of them."""
    by_name: dict[str, tuple[str, Study]] = {}
    by_fingerprint: dict[str, str] = {}
    names = []
    for study in studies:
        prints = _fingerprints(study)
        for name, fingerprint in prints.items():
            first, where = by_name.setdefault(name, (fingerprint, study))
            if first != fingerprint:
                raise SpecError(
                    f"data set {name!r} is {_told(where, name)} in {where.folder} and "
                    f"{_told(study, name)} in {study.folder}; allowed: one name for the same data: "
                    "give one of them another [[data]] name and run it again"
                )
        names.append({n: by_fingerprint.setdefault(f, n) for n, f in prints.items()})
    return names


def _fingerprints(study: Study) -> dict[str, str]:
    """What tells data sets apart: their points, whatever columns and hidden groups are called."""
    points = {data.label: study.dataset(data.label).X for data in study.spec.data}
    return {
        name: sha256(repr(X.shape).encode() + X.tobytes()).hexdigest() for name, X in points.items()
    }


def _told(study: Study, name: str) -> str:
    """The data's shape and the beginning of its fingerprint."""
    shape = " × ".join(map(str, study.dataset(name).X.shape))
    return f"{shape} (fingerprint {_fingerprints(study)[name][:12]})"


def _runs(
    studies: Sequence[Study], names: Sequence[Mapping[str, str]], planned: Mapping[Key, Cell]
) -> pd.DataFrame:
    """Every start once; one that failed gives way to the same in another study that did not.

    A deterministic init does the same whatever the seed, so one start of it is all.
    """
    columns = [*CELL, "seed", *DESCRIBED]
    tables = [
        study.runs[columns].assign(
            dataset=study.runs["dataset"].map(called), census=study.spec.runs == ALL
        )
        for study, called in zip(studies, names, strict=True)
    ]
    every = _either(pd.concat(tables, ignore_index=True), planned)
    fixed = {cell.init for cell in planned.values() if cell.deterministic}
    every["start"] = every["seed"].where(~every["init"].isin(fixed), 0)
    every = every.sort_values("status", key=lambda status: status == "error", kind="stable")
    once = every.drop_duplicates([*CELL, "start"]).drop(columns=["start", "census"])
    return once.sort_index(ignore_index=True)


def _either(every: pd.DataFrame, planned: Mapping[Key, Cell]) -> pd.DataFrame:
    """Of a cell the whole census, where it is there, else the sampled starts where there are any.

    The seed of a census is a rank, so the two have no start in common; and the first ranks of one
    that was not finished are no sample of all.
    """
    told = every[every["census"]].groupby(CELL)["seed"].nunique()
    whole = [key for key, cell in planned.items() if told.get(key, 0) == cell.starts]
    is_whole = pd.MultiIndex.from_frame(every[CELL]).isin(whole) if whole else False
    sampled = ~every.groupby(CELL)["census"].transform("all")
    return every[every["census"] == (is_whole | ~sampled)].copy()


def _cells(planned: Mapping[Key, Cell], runs: pd.DataFrame) -> tuple[Cell, ...]:
    """Each cell once, with the number of its different starts."""
    datasets, inits = ([*dict.fromkeys(key[i] for key in planned)] for i in (0, 2))
    order = sorted(planned, key=lambda key: (datasets.index(key[0]), key[1], inits.index(key[2])))
    counts = runs.groupby(CELL).size()
    found = []
    for index, key in enumerate(order):
        cell, starts = planned[key], int(counts.get(key, 0))
        census = cell.census and starts == cell.starts
        found.append(Cell(*key, index, starts, cell.deterministic, census))
    return tuple(found)


def _as_planned(studies: Sequence[Study], names: Sequence[Mapping[str, str]]) -> dict[Key, Cell]:
    """The cells of all studies, a census before the same cell with fewer starts."""
    found: dict[Key, Cell] = {}
    for dataset, k, init, (_, cell) in _planned(studies, names):
        key = (dataset, k, init)
        if key not in found or cell.census:
            found[key] = cell
    return found


def _planned(
    studies: Sequence[Study], names: Sequence[Mapping[str, str]]
) -> Iterator[tuple[str, int, str, tuple[Study, Cell]]]:
    for study, called in zip(studies, names, strict=True):
        for cell in study.cells:
            yield called[cell.dataset], cell.k, cell.init, (study, cell)


def _contests(
    studies: Sequence[Study], names: Sequence[Mapping[str, str]]
) -> dict[tuple[str, int], list[Contest]]:
    """What each study knows of the lowest inertia of a data set and k."""
    known: dict[tuple[str, int], list[Contest]] = {}
    for study, called in zip(studies, names, strict=True):
        for (name, k), contest in study.contests.items():
            known.setdefault((called[name], k), []).append(contest)
    return known
