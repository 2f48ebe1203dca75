"""The reference of a study: searched, stored, extended, mended, and set against the starts."""

import json
import math
import re

import numpy as np
import pandas as pd
import pytest

import kmeans_lab as kl
from kmeans_lab import repair
from kmeans_lab.cli import main
from kmeans_lab.errors import RunError, SpecError
from kmeans_lab.reference import references
from kmeans_lab.reference.search import at_once
from kmeans_lab.report.best import _inertias, best
from kmeans_lab.report.findings import cases, warnings
from kmeans_lab.report.page import markdown, plain
from kmeans_lab.report.summary import summary
from kmeans_lab.store.store import REFERENCE, Store
from kmeans_lab.study import study
from kmeans_lab.study.contest import COLUMNS, Contest
from kmeans_lab.wording import excess
from studies import files_in

NAN = math.nan
SIZE = at_once(np.zeros((90, 2)), 3)  # swaps tried at once


@pytest.fixture
def made(tmp_path, rng, monkeypatch):
    """`made(**settings)` runs a study of a plane and a line, three starts in a cell."""
    monkeypatch.chdir(tmp_path)
    np.save("plane.npy", rng.normal(size=(90, 2)))
    np.save("line.npy", rng.normal(size=(40, 1)))

    def make(**settings):
        data = [{"source": "plane.npy"}, {"source": "line.npy"}]
        given = {"name": "s", "runs": 3, "data": data, "grid": {"k": [3, 5], "init": ["random"]}}
        return kl.run(kl.Spec(**given | settings), jobs=1)

    return make


@pytest.fixture
def searched(made, monkeypatch):
    """A study with its reference, of some hundred swaps."""
    monkeypatch.setattr(references, "SWAPS", 3 * SIZE)
    done = made()
    references.complete(done.store)
    return study.open(done.folder)


def rows(done):
    """What is stored, without the seconds."""
    return [{**row, "seconds": 0.0} for row in done.store.reference()]


def test_every_pair_has_a_row_that_says_what_it_is(searched):
    stored = searched.store.reference()
    assert [(r["dataset"], r["k"]) for r in stored] == [
        ("plane", 3),
        ("plane", 5),
        ("line", 3),
        ("line", 5),
    ]
    assert [r["method"] for r in stored] == [references.SEARCHED] * 2 + [references.COMPUTED] * 2
    assert [r["proven"] for r in stored] == [False, False, True, True]
    assert [r["swaps"] for r in stored] == [3 * SIZE, 3 * SIZE, 0, 0]
    assert all(r["seed"] == 0 and r["seconds"] > 0 for r in stored)
    frame = pd.read_parquet(searched.folder / REFERENCE)
    assert str(frame["swaps"].dtype) == "int64"
    assert searched.store.verify() == []


def test_inertia_and_partition_are_those_of_a_start_that_ends_there(made, monkeypatch):
    monkeypatch.setattr(references, "SWAPS", 0)
    done = made(runs=200, grid={"k": [2], "init": ["random"]})
    references.complete(done.store)
    lowest = done.runs.loc[done.runs.groupby("dataset")["inertia"].idxmin()].set_index("dataset")
    for row in done.store.reference():
        assert row["inertia"] == lowest.loc[row["dataset"], "inertia"]
        assert row["partition"] == lowest.loc[row["dataset"], "partition"]
        centers = {tuple(center) for center in np.reshape(row["centers"], (2, -1)).tolist()}
        found = np.reshape(lowest.loc[row["dataset"], "centers"], (2, -1))
        assert {tuple(center) for center in found.tolist()} == centers


def test_what_is_done_is_not_done_again(searched):
    before = files_in(searched.folder)
    told = []
    references.complete(searched.store, told.append)
    assert files_in(searched.folder) == before
    assert told == []


def test_more_seconds_in_the_spec_go_on_and_none_search_nothing(made, monkeypatch):
    monkeypatch.setattr(references, "SWAPS", 10**6)
    done = made(reference={"seconds": 0})
    references.complete(done.store)
    assert not (done.folder / REFERENCE).exists()
    assert study.open(done.folder).reference.empty
    done = made(reference={"seconds": 0.04})
    told = []
    references.complete(done.store, told.append)
    assert "0.0 s at most" in told[-1]
    first = rows(done)
    references.complete(done.store)
    assert rows(done) == first
    done = made(reference={"seconds": 0.4})
    references.complete(done.store)
    assert all(a["swaps"] > b["swaps"] for a, b in zip(rows(done)[:2], first[:2], strict=True))
    assert all(a["inertia"] <= b["inertia"] for a, b in zip(rows(done), first, strict=True))


def test_going_on_is_as_if_it_never_stopped(searched, made, monkeypatch):
    monkeypatch.setattr(references, "SWAPS", 6 * SIZE)
    references.complete(searched.store)
    straight = made(name="other")
    references.complete(straight.store)
    assert rows(searched) == rows(straight)
    assert rows(searched)[0]["swaps"] == 6 * SIZE


def test_extending_gives_what_is_not_proven_more_swaps(searched):
    before = rows(searched)
    references.extend(searched.store, 0.1)
    after = rows(searched)
    assert [a["swaps"] > b["swaps"] for a, b in zip(after, before, strict=True)] == [
        *[True] * 2,
        *[False] * 2,
    ]
    assert after[2:] == before[2:]


def test_seconds_are_those_of_all_searches(searched):
    searched.store.save_reference([{**row, "seconds": 100.0} for row in searched.store.reference()])
    references.extend(searched.store, 0.02)
    seconds = [row["seconds"] for row in searched.store.reference()]
    assert min(seconds[:2]) > 100
    assert seconds[2:] == [100.0, 100.0]


def test_what_was_found_stays_when_the_user_stops(made, monkeypatch):
    done = made()
    partitions = references._partitions

    def stopped(*problem):
        for number, found in enumerate(partitions(*problem)):
            if number == 3:
                raise KeyboardInterrupt
            yield found

    monkeypatch.setattr(references, "_partitions", stopped)
    with pytest.raises(KeyboardInterrupt):
        references.complete(done.store)
    (row,) = done.store.reference()
    assert (row["dataset"], row["k"], row["swaps"]) == ("plane", 3, 2 * SIZE)
    assert done.store.verify() == []


@pytest.mark.parametrize("how", ["flip", "delete", "unlist", "unlist and flip"])
def test_a_damaged_file_is_named_and_searched_for_again(searched, how):
    store, path = searched.store, searched.folder / REFERENCE
    before = rows(searched)
    if "unlist" in how:
        store.checksums.remove([REFERENCE])
    if "flip" in how:
        data = path.read_bytes()
        path.write_bytes(data[:40] + bytes([data[40] ^ 4]) + data[41:])
    if how == "delete":
        path.unlink()
    assert [damage.path for damage in store.verify()] == [REFERENCE]
    if how == "flip":
        with pytest.raises(RunError, match=r"reference\.parquet is damaged"):
            study.open(searched.folder).best("plane", 3)
    repair.repair(store, store.verify())
    assert store.verify() == []
    assert rows(searched) == before


def test_the_gap_refers_to_the_lowest_of_all(searched):
    assert (searched.reference["best_start"] > searched.reference["inertia"] * (1 + 1e-9)).any()
    for row in searched.reference.itertuples():
        assert searched.best(row.dataset, row.k) == min(row.inertia, row.best_start)
        gap = searched.statistics(searched.cell(row.dataset, row.k)).gap.min
        assert gap == (row.best_start - searched.best(row.dataset, row.k)) / searched.best(
            row.dataset, row.k
        )


def test_the_table_says_who_won(searched):
    table = searched.reference
    assert list(table) == list(COLUMNS)
    for row in table.itertuples():
        sides = Contest(row.best_start, row.inertia, row.stated)
        assert (row.winner, row.margin) == sides.result
        assert math.isnan(row.stated)


@pytest.mark.parametrize(
    ("sides", "winner", "margin"),
    [
        ((2.0, 1.0, NAN), "reference", 1.0),
        ((1.0, 2.0, NAN), "starts", 1.0),
        ((1.0, 1.0 + 1e-12, NAN), "starts = reference", 0.0),
        ((3.0, 2.0, 1.0), "stated", 1.0),
        ((3.0, 1.0, 1.0), "reference = stated", 2.0),
        ((0.0, 0.0, NAN), "starts = reference", 0.0),
        ((NAN, 1.0, NAN), "reference", 0.0),
        ((NAN, NAN, NAN), "", 0.0),
    ],
)
def test_who_wins_and_by_how_much(sides, winner, margin):
    assert Contest(*sides).result == (winner, margin)


def test_a_gap_above_zero_is_not_defined():
    winner, margin = Contest(1.0, 0.0, NAN).result
    assert winner == "reference"
    assert math.isnan(margin)


def test_optima_that_a_transfer_improves_are_marked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("three.npy", np.array([[0.0], [2.0], [3.0]]))
    data = [{"source": "three.npy"}]
    done = kl.run(kl.Spec(name="s", runs=30, data=data, grid={"k": [2], "init": ["random"]}))
    table = done.optima
    assert str(table["transfer_improves"].dtype) == "boolean"
    assert table["transfer_improves"].tolist() == [False, True]
    assert table["inertia"].tolist() == [0.5, 2.0]


def test_only_the_best_optima_are_looked_at(made, monkeypatch):
    from kmeans_lab.study import ends

    monkeypatch.setattr(ends, "LOOKED", 2)
    done = made(runs=40, grid={"k": [5], "init": ["random"]})
    table = done.optima[done.optima["dataset"] == "plane"]
    assert table["transfer_improves"].isna().tolist() == [False, False] + [True] * (len(table) - 2)


def test_the_report_says_what_is_best(searched):
    section = best(searched)
    text = markdown("s", (section,))
    assert section.title == "What is best?"
    assert "random swap" in text
    assert "dynamic programming" in text
    assert "| line | 5 |" in text
    assert "proven" in text
    assert "kmeans-lab reference results/s --seconds 60" in text
    said = json.loads(summary(searched))["reference"]
    assert [row["inertia"] for row in said] == searched.reference["inertia"].tolist()
    assert {row["stated"] for row in said} == {None}
    found = [case.search for case in cases(searched)]
    assert found[2:] == ["proven", "proven"]
    assert set(found[:2]) <= {"ahead", "equal", "behind"}


def test_who_is_ahead_reads_the_same_on_page_and_terminal(made, capsys):
    done = made(data=[{"source": "line.npy"}], grid={"k": [1, 5], "init": ["random"]}, runs=1)
    references.complete(done.store)
    done = study.open(done.folder)
    (table, *_) = best(done).parts
    on_page = [row[table.columns.index("ahead by")] for row in table.rows]
    assert on_page[0] == "–"  # one cluster: nobody is behind
    assert on_page[1] == excess(done.reference["margin"][1])
    assert main(["reference", str(done.folder), "--seconds", "0.01"]) == 0
    printed = capsys.readouterr().out.splitlines()[1:]
    assert [re.split(" {2,}", line)[-2] for line in printed] == on_page


def test_a_study_without_a_reference_has_no_such_section(made):
    done = made()
    assert best(done) is None
    assert json.loads(summary(done))["reference"] == []
    assert {case.search for case in cases(done)} == {""}


def test_a_start_that_misses_the_reference_is_told(searched):
    told = " ".join(plain(part.line) for part in warnings(searched))
    table = searched.reference
    behind = table[table["winner"] == "reference"]
    assert told.count("No start reaches the best of the reference") == 1
    assert told.count("above it") == len(behind) > 0
    for row in behind.itertuples():
        assert f"{row.dataset}, k = {row.k} ({excess(row.margin)} above it)" in told


def test_python_searches_only_with_a_report(made, tmp_path):
    done = made()
    assert not (done.folder / REFERENCE).exists()
    spec = kl.Spec(
        name="s",
        runs=3,
        data=[{"source": "line.npy"}],
        grid={"k": [3], "init": ["random"]},
        render={"pick": []},
    )
    done = kl.run(spec, results="reported", report=True)
    assert done.reference["proven"].tolist() == [True]
    assert "What is best?" in (done.folder / "report.html").read_text()
    assert Store(done.folder).verify() == []


def test_inertias_that_are_equal_read_the_same_and_others_do_not():
    assert _inertias([2.0, 2.0 + 1e-12, NAN]) == ["2.000", "2.000", "–"]
    assert _inertias([NAN, 2.00001, 2.0]) == ["–", "2.00001", "2.00000"]


def test_a_search_of_no_seconds_is_refused(searched):
    with pytest.raises(SpecError, match=r"seconds is 0; allowed: a search of more than 0 seconds"):
        references.extend(searched.store, 0.0)
