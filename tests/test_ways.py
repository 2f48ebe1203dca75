"""The ways of starts: by hand, against their traces, and whatever they are drawn."""

from collections import Counter

import numpy as np
import pytest

import kmeans_lab as kl
from kmeans_lab.fates import ways
from kmeans_lab.pictures.figures import draw
from kmeans_lab.pictures.places import spread
from kmeans_lab.pictures.ways import WaysInfo, named, told_ways, tones
from kmeans_lab.study import traces
from kmeans_lab.study.ways import ways_of
from studies import flowers


def rows(found):
    """Each row of some ways as a tuple."""
    parts = [np.asarray(part).tolist() for part in found]
    return sorted((*s, *y, n, e, z) for s, y, n, e, z in zip(*parts, strict=True))


def test_ways_meet_where_partitions_do():
    """Starts 7→5→5 (partitions 1, 0, 0), 6→5→5 (1, 0, 0) and 9→9 (2, 2), up to step 4."""
    steps = np.array([3, 3, 2])
    nodes = np.array([1, 0, 0, 1, 0, 0, 2, 2])
    inertia = np.array([7.0, 5.0, 5.0, 6.0, 5.0, 5.0, 9.0, 9.0])
    found = ways(steps, nodes, np.array([2, 1, 1]), inertia, 4)
    assert rows(found) == [
        (1, 2, 6.0, 5.0, 1, 0, True),
        (1, 2, 7.0, 5.0, 1, 0, False),
        (1, 2, 9.0, 9.0, 1, 2, True),
        (2, 3, 5.0, 5.0, 2, 0, True),
        (2, 4, 9.0, 9.0, 1, 2, True),
        (3, 4, 5.0, 5.0, 2, 0, True),
    ]


def test_starts_that_end_later_widen_the_river_of_their_optimum():
    found = ways(
        np.array([1, 3, 3]), np.array([0, 1, 0, 0, 2, 0, 0]), np.ones(3, int), np.ones(7), 5
    )
    resting = [(row[0], row[1], row[4]) for row in rows(found) if row[1] - row[0] > 1]
    assert resting == [(1, 3, 1), (3, 5, 3)]


@pytest.fixture(scope="module")
def lab(tmp_path_factory, iris2):
    """Thirty flowers, sixty starts, the labels of every step stored."""
    return flowers(tmp_path_factory.mktemp("ways"), iris2, record={"labels": "all"})


def test_every_start_is_on_its_way_at_every_step(lab):
    info = ways_of(lab, lab.cells[0])
    begin, end = np.transpose(info.steps)
    for step in range(1, info.last):
        assert info.starts[(begin <= step) & (step < end)].sum() == 60


def test_ways_are_those_of_the_steps(lab):
    cell = lab.cells[0]
    info, plain = ways_of(lab, cell), Counter()
    sealed = lab.fates(cell).sealed
    number = dict(zip(lab.optima["partition"], lab.optima["optimum"], strict=True))
    ended = lab.runs.set_index("run")["partition"]
    for start, (run, mine) in enumerate(lab.steps.groupby("run")):
        y = mine["inertia"].to_numpy()
        for step in range(1, min(len(y), info.last)):
            key = step, y[step - 1], y[step], number[ended[run]], sealed[start] <= step
            plain[key] += 1
    found, (begin, end) = Counter(), np.transpose(info.steps)
    going = np.flatnonzero((end - begin == 1) & (np.diff(info.inertia)[:, 0] < 0))
    for i in going:
        key = begin[i], *info.inertia[i], info.optimum[i], info.sealed[i]
        found[tuple(np.asarray(key).tolist())] += info.starts[i]
    assert found == Counter({key: n for key, n in plain.items() if key[2] < key[1]})
    assert max(found.values()) > 1


def test_shares_and_sealing_are_those_of_the_starts(lab):
    info, fates = ways_of(lab, lab.cells[0]), lab.fates(lab.cells[0])
    counts = lab.optima.set_index("optimum")["starts"]
    assert info.shares == pytest.approx((counts / 60).to_dict())
    assert info.optima == lab.optima.set_index("optimum")["inertia"].to_dict()
    assert (
        (fates.sealed <= info.sealing[0.9]).mean()
        >= 0.9
        > (fates.sealed < info.sealing[0.9]).mean()
    )


def test_without_labels_equal_inertia_tells_where_ways_meet(lab, tmp_path, iris2):
    unlabeled = flowers(tmp_path, iris2, record={"labels": "final"})
    plain, info = ways_of(unlabeled, lab.cells[0]), ways_of(lab, lab.cells[0])
    assert plain.sealing == {}
    assert np.all(plain.sealed)
    for one, other in ((plain.starts, info.starts), (plain.inertia, info.inertia)):
        assert np.sort(one, axis=0).tolist() == np.sort(other, axis=0).tolist()


def test_of_starts_without_steps_or_an_end_a_line_is_said(tmp_path, iris2):
    for name, more in (
        ("steps", {"record": {"steps": False}}),
        ("end", {"lloyd": {"max_iter": 1}}),
    ):
        study = flowers(tmp_path, iris2, name=name, runs=5, **more)
        info = ways_of(study, study.cells[0])
        assert draw(info).axes[0].texts[0].get_text().startswith("no steps of converged")
        assert "no steps of converged" in told_ways(info)


def test_that_not_all_starts_are_followed_is_said(lab, monkeypatch):
    assert draw(ways_of(lab, lab.cells[0])).axes[0].get_xlabel() == "step"
    monkeypatch.setattr(traces, "MOST", 20)
    info = ways_of(kl.open(lab.folder), lab.cells[0])
    assert draw(info).axes[0].get_xlabel() == "step (of the first 20 of 60 starts)"
    assert "20 starts of 60 in" in told_ways(info)


def many(optima, starts=1, best=1.0):
    """Ways of as many starts as optima, or more."""
    numbers = np.arange(1, optima + 1)
    inertia = 1.0 + np.arange(optima) / 10
    return WaysInfo(
        np.tile([1, 2], (optima, 1)),
        np.stack([2 * inertia, inertia], axis=1),
        np.full(optima, starts),
        numbers,
        np.ones(optima, bool),
        dict(zip(numbers.tolist(), inertia.tolist(), strict=True)),
        dict.fromkeys(numbers.tolist(), 1 / optima),
        starts * optima,
        best,
        2,
        {0.5: 1, 0.9: 1},
    )


@pytest.mark.parametrize(("optima", "starts"), [(1, 1), (1, 10**6), (12, 5), (2000, 1)])
@pytest.mark.parametrize("best", [1.0, 0.0, float("nan")])
def test_any_number_of_optima_is_drawn(optima, starts, best):
    info = many(optima, starts, best)
    draw(info).draw_without_rendering()
    assert f"{optima - len(named(info.shares))} others" in told_ways(info) or optima <= 8


def test_the_best_and_the_largest_basins_have_colors():
    shares = {3: 0.002, 4: 0.2, 5: 0.005} | {n: 0.05 - n / 1000 for n in range(6, 20)}
    assert named(shares) == [3, 4, 6, 7, 8, 9, 10, 11]
    assert len(set(tones(8))) == 8


def test_names_stand_apart_and_in_order():
    assert spread([0.1, 0.1, 0.1, 0.9], 0.1, 1.0) == pytest.approx([0.1, 0.2, 0.3, 0.9])
    crowded = spread([0.9, 0.95, 1.0], 0.1, 1.0)
    assert crowded == pytest.approx([0.8, 0.9, 1.0])
