"""Basin portraits: every cell ends where a plain start from there ends, and is told as that."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive
from kmeans_lab.data.datasets import Dataset
from kmeans_lab.kernels.lloyd import STATUS
from kmeans_lab.pictures.figures import draw
from kmeans_lab.pictures.portrait import (
    BETTER,
    CUT_OFF,
    NEW,
    OTHERS,
    image,
    legend_of,
    listed,
    names_of,
    notes_of,
    pace,
)
from kmeans_lab.portraits.field import field
from kmeans_lab.portraits.film import PortraitFilm, moved, way
from kmeans_lab.portraits.portrait import Known, portrait, resolution_for
from kmeans_lab.runner.compute import Settings
from kmeans_lab.runner.given import ends
from kmeans_lab.trace.partitions import partition_ids
from strategies import problems

RULES = Settings(300, 0.0, "relocate", False, "none", "none", Path())
NOTHING = Known((), float("nan"))


def data_of(X):
    columns = tuple(f"x{j}" for j in range(X.shape[1]))
    return Dataset("small", np.array(X), columns, columns)


def named_partition(labels):
    return partition_ids(naive.rename(labels[None]).astype(np.uint16))[0]


def plainly(X, where, resolution, rules):
    """Each cell's start by the naive twin, row by row: status, steps, partition, inertia."""
    u, v = where.sides(resolution)
    for y in v:
        for x in u:
            first = where.base + x * where.across + y * where.up
            start = naive.lloyd(X, first, max_iter=rules.max_iter, empty=rules.empty)
            partition = ""
            if start["status"] == "converged":
                partition = named_partition(start["labels"])
            yield start["status"], len(start["steps"]), partition, start.get("inertia")


@settings(max_examples=40)
@given(
    problems(max_n=9, max_d=3, min_n=2),
    st.integers(0, 7),
    st.sampled_from(["relocate", "keep", "fail"]),
    st.sampled_from([1, 3, 300]),
    st.integers(2, 4),
)
def test_a_portrait_is_that_of_the_naive_twin(problem, center, empty, max_iter, resolution):
    X, first = problem
    rules = replace(RULES, empty=empty, max_iter=max_iter)
    k = len(first)
    against = (center + 1) % k if X.shape[1] == 1 and k > 1 else None
    where = field(X, [f"x{j}" for j in range(X.shape[1])], first, center % k, against and against)
    told = [*plainly(X, where, resolution, rules)]
    met = sorted({partition for *_, partition, _ in told} - {""})
    known = Known(met[::2], float("nan"))  # every other one is new
    found = portrait(data_of(X), rules, where, known, resolution, jobs=1)
    numbers = {name: i + 1 for i, name in enumerate(known.ids)}
    for (status, steps, partition, inertia), optimum, made, reached in zip(
        told, found.optimum.flat, found.steps.flat, found.reached.flat, strict=True
    ):
        assert made == steps
        assert optimum == (numbers.get(partition, NEW) if status == "converged" else CUT_OFF)
        assert reached == inertia if status == "converged" else np.isnan(reached)
    stopped = Counter(status for status, *_ in told if status != "converged")
    assert found.stopped == stopped
    assert found.optimum.shape == (resolution, resolution)


@pytest.fixture
def blobs(rng):
    """Three overlapping groups in a plane."""
    return rng.normal(size=(40, 2)) + 2.5 * rng.integers(0, 3, (40, 1))


def test_it_is_the_same_for_any_number_of_threads(blobs, monkeypatch):
    where = field(blobs, ("x", "y"), blobs[:4], 2)
    whole = portrait(data_of(blobs), RULES, where, NOTHING, 30, jobs=1)
    monkeypatch.setattr("kmeans_lab.runner.given.SIZE", 7)
    parts = portrait(data_of(blobs), RULES, where, NOTHING, 30, jobs=3)
    for one, other in zip(whole[:3], parts[:3], strict=True):
        np.testing.assert_array_equal(one, other)


def test_partitions_of_several_blocks_keep_their_names(blobs, monkeypatch):
    where = field(blobs, ("x", "y"), blobs[:4], 2)
    monkeypatch.setattr("kmeans_lab.runner.given.SIZE", 5)
    found = ends(data_of(blobs), RULES, lambda b, e: where.firsts(9, b, e), 81)
    assert len(set(found.ids)) == len(found.ids) > 2
    told = [partition for *_, partition, _ in plainly(blobs, where, 9, RULES)]
    assert [found.ids[p] for p in found.partition] == told


def test_places_are_those_of_the_voronoi_grid(blobs):
    where = field(blobs, ("x", "y"), blobs[:3], 1)
    x_min, x_max, y_min, y_max = where.extent
    firsts = where.firsts(5, 0, 25).reshape(5, 5, 3, 2)
    np.testing.assert_array_equal(firsts[0, :, 1, 0], np.linspace(x_min, x_max, 5))
    np.testing.assert_array_equal(firsts[:, 3, 1, 1], np.linspace(y_min, y_max, 5))
    np.testing.assert_array_equal(
        firsts[:, :, [0, 2]], np.broadcast_to(blobs[[0, 2]], (5, 5, 2, 2))
    )
    assert (blobs.min(axis=0) > [x_min, y_min]).all()
    assert (blobs.max(axis=0) < [x_max, y_max]).all()


@pytest.mark.parametrize("d", [1, 2, 5])
def test_at_its_own_place_a_start_is_itself(rng, d):
    X = rng.normal(size=(30, d))
    where = field(X, ["x"] * d, X[:4], 1, 3 if d == 1 else None)
    u, v = where.place
    there = where.base + u * where.across + v * where.up
    np.testing.assert_allclose(there, X[:4], atol=1e-12)
    if d <= 2:
        np.testing.assert_array_equal(there, X[:4])


def test_of_many_features_the_center_moves_in_the_principal_plane_through_its_place(rng):
    X = rng.normal(size=(30, 5)) * [5, 4, 1, 1, 1]
    where = field(X, ["x"] * 5, X[:3], 0)
    firsts = where.firsts(6, 0, 36)
    np.testing.assert_array_equal(firsts[:, 1:], np.broadcast_to(X[1:3], (36, 2, 5)))
    directions = np.linalg.svd(X - X.mean(axis=0))[2][:2]
    beside = (firsts[:, 0] - X[0]) - (firsts[:, 0] - X[0]) @ directions.T @ directions
    np.testing.assert_allclose(beside, 0, atol=1e-12)
    assert "5 features: center 1 moves along the first two principal components" in where.notes[0]
    assert where.axes[0].startswith("component 1 (")


def test_two_centers_on_a_line_may_change_places(rng):
    """Which of them is which changes no partition, so the picture is its own mirror image."""
    X = rng.normal(size=(25, 1))
    where = field(X, ["x"], X[:3], 0, 2)
    found = portrait(data_of(X), RULES, where, NOTHING, 40)
    np.testing.assert_array_equal(found.reached, found.reached.T)
    assert len(np.unique(found.reached)) > 2
    assert found.flat
    assert found.swept == (0, 2)
    assert found.axes == ("x of center 1", "x of center 3")
    assert "centers 1 and 3 are swept" in found.notes[0]


def test_one_feature_and_one_center_is_a_strip(rng):
    X = rng.normal(size=(9, 1))
    found = portrait(data_of(X), RULES, field(X, ["x"], X[:1], 0), NOTHING, 5)
    assert len(np.unique(found.optimum)) == 1
    assert "height means nothing" in found.notes[0]
    draw(found).draw_without_rendering()


def test_what_is_better_than_all_that_is_known_is_told(blobs):
    where = field(blobs, ("x", "y"), blobs[:3], 1)
    found = portrait(data_of(blobs), RULES, where, NOTHING, 20)
    lowest = float(np.nanmin(found.reached))
    known = portrait(data_of(blobs), RULES, where, Known((), lowest), 20)
    assert not (known.optimum == BETTER).any()
    better = portrait(data_of(blobs), RULES, where, Known((), lowest * 1.001), 20)
    np.testing.assert_array_equal(better.optimum == BETTER, better.reached < lowest * 1.001)
    assert (better.optimum == BETTER).any()
    assert "below the best of all starts" in notes_of(better)[0]
    assert any(name.startswith("better than any: ") for name in names_of(better).values())


def test_the_lightest_is_said_not_to_be_the_best_where_that_does_not_occur(blobs):
    where = field(blobs, ("x", "y"), blobs[:3], 1)
    found = portrait(data_of(blobs), RULES, where, NOTHING, 6)
    some = found._replace(optimum=np.where(found.optimum <= 0, 7, found.optimum + 6))
    assert notes_of(some)[0] == "The lightest is optimum 7, the best that occurs here."
    best = some._replace(optimum=some.optimum - 6)
    assert not any(note.startswith("The lightest") for note in notes_of(best))


def test_starts_that_are_cut_off_are_counted(blobs):
    where = field(blobs, ("x", "y"), blobs[:3], 1)
    found = portrait(data_of(blobs), replace(RULES, max_iter=1), where, NOTHING, 6)
    assert found.stopped == {"max_iter": 36}
    assert [entry.text for entry in legend_of(found)] == ["not converged: max_iter 36"]
    assert notes_of(found) == ["From no place k-means converged, so there is no optimum to show."]
    assert STATUS[1] == "max_iter"


def test_more_work_is_spread_over_fewer_cells():
    assert resolution_for(150, 2, 3, 10) == 300
    assert resolution_for(10**6, 64, 100, 100) == 10
    assert resolution_for(10**5, 2, 100, 120) > resolution_for(10**5, 4, 100, 120)
    assert resolution_for(5000, 2, 15, 13, work=1e10) < resolution_for(5000, 2, 15, 13)
    assert resolution_for(5000, 2, 15, 13, fine=20) == 20


def base(optimum, steps=None, reached=None):
    """A portrait of these cells."""
    optimum = np.array(optimum, np.int32)
    places = np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 1.0]])
    where = field(places, ("x", "y"), places[:2], 0)
    found = portrait(data_of(places), RULES, where, NOTHING, 2)
    return found._replace(
        optimum=optimum,
        steps=np.ones_like(optimum) if steps is None else np.array(steps, np.int32),
        reached=np.abs(optimum) + 1.0 if reached is None else np.array(reached),
        stopped={},
    )


def test_of_many_optima_the_best_and_the_largest_are_named(rng):
    optimum = np.arange(1, 1001).repeat(10)
    optimum = np.concatenate([optimum, [500] * 900, [2] * 800, [7] * 700])
    shown = listed(optimum[None])
    assert shown == [1, 2, 7, 500, OTHERS]
    assert listed(np.array([[1, 1, 3, 2]])) == [1, 2, 3]
    assert listed(np.arange(1, 12)[None]) == [*range(1, 9), OTHERS]
    info = base(optimum.reshape(124, 100))
    names = names_of(info)
    assert names[OTHERS] == f"{1000 - len(names) + 1} others"
    draw(info).draw_without_rendering()


def test_shares_are_those_of_the_cells():
    info = base([[1, 1, 2, NEW], [BETTER, CUT_OFF, 1, 1]])
    found = {entry.number: entry.share for entry in legend_of(info)}
    assert found == {1: 0.5, 2: 0.125, NEW: 0.125, BETTER: 0.125, CUT_OFF: 0.125}
    many = base([np.arange(1, 101)])
    assert sum(entry.share for entry in legend_of(many)) == pytest.approx(1)


def lightness(colors):
    return np.asarray(colors, float) @ [0.2126, 0.7152, 0.0722]


def test_better_optima_are_lighter_and_more_steps_darker():
    colors = lightness(image(base([[1, 2, 3, 4]])))[0]
    assert (np.diff(colors) < 0).all()
    colors = lightness(image(base([[1, 1, 1, 2, 2, 2]], [[1, 2, 3, 1, 2, 3]])))[0]
    assert (np.diff(colors[:3]) < 0).all()
    assert (np.diff(colors[3:]) < 0).all()
    colors = lightness(image(base([[NEW] * 3], reached=[[1.0, 2.0, 3.0]])))[0]
    assert (np.diff(colors) < 0).all()


def test_cells_that_did_not_converge_look_like_no_optimum():
    red, green, blue = image(base([[CUT_OFF, 1]]))[0, 0].astype(int)
    assert red == green == blue
    assert red > 225


def test_a_shade_is_the_share_of_starts_that_made_fewer_steps():
    assert pace(np.array([[3, 3, 5, 9]])).tolist() == [
        0,
        0,
        0,
        0.25,
        0.5,
        0.625,
        0.75,
        0.75,
        0.75,
        0.875,
    ]


def test_a_way_begins_at_its_place_goes_round_and_closes(rng):
    points = rng.normal(size=(100, 2)) * [3, 1]
    for place in (np.array([9.0, 2.0]), points.mean(axis=0), points.mean(axis=0) + 0.01):
        found = way(points, place, 12)
        np.testing.assert_allclose(found[0], place)
        strides = np.linalg.norm(np.diff([*found, found[0]], axis=0) / points.std(axis=0), axis=1)
        np.testing.assert_allclose(strides, strides[0])
    around = way(points, np.array([9.0, 2.0]), 100).mean(axis=0)
    np.testing.assert_allclose(around, points.mean(axis=0))


@pytest.mark.parametrize("d", [1, 2, 4])
def test_a_center_that_goes_round_moves_in_the_plane_alone(rng, d):
    X = rng.normal(size=(30, d))
    where = field(X, ["x"] * d, X[:4], 0, 1 if d == 1 else None)
    there = moved(where, 2, where.centers[2] + [0.5, -0.25])
    if d == 1:
        np.testing.assert_allclose(there.base[2], X[2] + 0.5)
        assert there.centers[2, 0] == there.centers[2, 1]
    else:
        step = 0.5 * where.across[0] - 0.25 * where.up[0]
        np.testing.assert_allclose(there.base[2], X[2] + step)
    np.testing.assert_array_equal(there.base[[0, 1, 3]], where.base[[0, 1, 3]])
    np.testing.assert_array_equal(there.centers[[0, 1, 3]], where.centers[[0, 1, 3]])


def test_frames_of_a_film_share_their_legend_and_size(blobs):
    where = field(blobs, ("x", "y"), blobs[:4], 0)
    places = way(where.points, where.centers[2], 3)
    infos = [
        portrait(data_of(blobs), RULES, moved(where, 2, place), NOTHING, 8) for place in places
    ]
    film = PortraitFilm.of(infos, 2)
    assert len({frame.shape for frame in film}) == 1
    assert len(film) == 3
    width, height = film.size
    assert width % 2 == height % 2 == 0
    assert len({tuple(info.names.items()) for info in film.infos}) == 1
    np.testing.assert_allclose(film.infos[0].path, places)


def test_hostile_and_extreme_portraits_are_drawn(rng):
    cases = [
        base([[1]])._replace(axes=("<b>", "$x$ 花 \u202eabc 🐎"), title="_<script>$" * 30),
        base(np.full((3, 3), 1)),
        base([[NEW]])._replace(extent=(0.0, 1e-9, 5.0, 5e9)),
        base([[CUT_OFF]])._replace(centers=np.array([[np.nan, 0.0], [1.0, 1.0]])),
        base([[1]])._replace(extent=(-9e4, 9e4, -9e4, -1e4)),
    ]
    for info in cases:
        figure = draw(info)
        figure.draw_without_rendering()
        box = figure.axes[0].get_tightbbox()
        assert 0 <= box.x0 < box.x1 <= figure.bbox.width
        assert 0 <= box.y0 < box.y1 <= figure.bbox.height
    assert notes_of(cases[1]) == ["From everywhere k-means ends in optimum 1."]
