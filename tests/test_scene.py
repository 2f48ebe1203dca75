"""Scenes: the plane is exact, nothing is left out silently, every frame has its shot."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

import naive
from kmeans_lab.errors import DataError
from kmeans_lab.kernels.batch import run_batch
from kmeans_lab.kernels.records import prepare
from kmeans_lab.metrics import silhouette_score
from kmeans_lab.pictures.plane import fitted, plane
from kmeans_lab.pictures.reel import from_frames, from_traces
from kmeans_lab.pictures.scene import FADED, inertia_limits, score_limits
from kmeans_lab.trace.trace import from_batch
from starts import COLUMNS, trace_of
from strategies import problems


def scene_of(trace):
    return from_traces([trace])[0]


@settings(max_examples=60)
@given(problems(min_n=2))
def test_every_frame_has_a_shot_of_its_labels_and_centers(problem):
    X, centers = problem
    trace = from_batch(X, len(centers), run_batch(prepare(X, "none"), centers[None], max_iter=5))
    scene = scene_of(trace)
    assert len(scene.shots) == len(trace)
    for shot, frame in zip(scene.shots, trace, strict=True):
        np.testing.assert_array_equal(scene.labels[shot.labels], frame["labels"])
        placed = plane(X).project if scene.space is None else lambda x: [scene.space.placed(x)]
        np.testing.assert_array_equal(scene.centers[shot.centers], placed(frame["centroids"])[0])
    assert np.isfinite(scene.points).all()
    assert np.isfinite(scene.extent).all()
    assert scene.extent[0] < scene.extent[1]
    assert scene.extent[2] < scene.extent[3]


def test_equal_rows_are_kept_once(iris2):
    scene = scene_of(trace_of(iris2, 3, 7))
    assert len(scene.shots) == 40
    assert len(scene.centers) == 19  # the confirming update moves nothing
    assert len(scene.labels) == 19


def test_two_features_are_shown_as_they_are(iris2):
    scene = scene_of(trace_of(iris2, 3, columns=COLUMNS))
    np.testing.assert_array_equal(scene.points, iris2)
    assert scene.axes == COLUMNS
    assert not scene.offsets.any()
    assert scene.notes == ()


def test_one_feature_lies_on_a_line_and_says_so(iris2):
    scene = scene_of(trace_of(iris2[:, :1].copy(), 3))
    np.testing.assert_array_equal(scene.points[:, 0], iris2[:, 0])
    assert len({*scene.points[:, 1]}) > 100
    assert scene.flat
    assert "One feature" in scene.notes[0]
    assert not scene.centers[..., 1].any()


@pytest.mark.parametrize("d", [4, 9])
def test_the_background_is_the_true_nearest_center_of_the_plane(rng, d):
    X = rng.normal(size=(60, d)) @ rng.normal(size=(d, d)) + 5
    scene, view = scene_of(trace_of(X, 6, max_iter=3)), plane(X)
    x_min, x_max, y_min, y_max = scene.extent
    x, y = np.linspace(x_min, x_max, 31), np.linspace(y_min, y_max, 23)
    places = np.array([(a, b) for b in y for a in x])
    points = view.mean + places @ view.directions.T
    for shot, frame in zip(scene.shots, trace_of(X, 6, max_iter=3), strict=True):
        distances = naive.squared(points, frame["centroids"])
        grid = scene.ground(shot, scene.extent, (23, 31)).ravel()
        best = distances.min(axis=1)
        np.testing.assert_allclose(distances[np.arange(len(grid)), grid], best, rtol=1e-9)


def test_a_plane_of_components_says_what_it_is(rng):
    X = rng.normal(size=(50, 4)) * [9, 3, 0.1, 0.1]
    scene = scene_of(trace_of(X, 2))
    assert scene.axes[0].startswith("principal component 1 (8")
    assert "4 features" in scene.notes[0]
    assert "nearest center" in scene.notes[0]


@pytest.mark.parametrize("scale", [2.0**-300, 1.0, 2.0**300])
def test_components_do_not_depend_on_the_scale(rng, scale):
    X = rng.normal(size=(30, 3)) * [5, 2, 1]
    np.testing.assert_allclose(plane(X * scale).directions, plane(X).directions, atol=1e-9)


def test_large_data_are_thinned_and_say_so(rng):
    X = rng.normal(size=(20_001, 2))
    scene = scene_of(trace_of(X, 2, mode="none", max_iter=2))
    np.testing.assert_array_equal(scene.points, X[::3])
    assert scene.labels.shape[1] == len(scene.points)
    assert scene.notes == ("Every 3rd of the 20001 points is drawn.",)
    assert len(scene_of(trace_of(X[:19_999], 2, mode="none", max_iter=1)).points) == 19_999


def test_scores_are_those_of_the_trace(iris2):
    trace = trace_of(iris2, 3, 7)
    scene = scene_of(trace)
    np.testing.assert_array_equal(scene.scores, trace.silhouette)
    assert [shot.scores for shot in scene.shots] == [0, *np.repeat(np.arange(1, 20), 2), 19]


def test_scores_of_frames_are_computed_once_a_partition(iris2, monkeypatch):
    seen = []

    def counted(X, labels):
        seen.append(labels)
        return silhouette_score(X, labels)

    monkeypatch.setattr("kmeans_lab.pictures.reel.silhouette_score", counted)
    trace = trace_of(iris2, 3, 7)
    scene = from_frames(iris2, list(trace), 3)
    np.testing.assert_allclose(scene.scores, trace.silhouette, atol=1e-12)
    assert len(seen) == len(scene.scores) - 1  # the confirming assign changed nothing


def test_a_missing_score_is_undefined_or_not_recorded(iris2):
    assert scene_of(trace_of(iris2, 1)).unscored == "undefined"
    assert scene_of(trace_of(iris2[:5], 5)).unscored == "undefined"
    assert scene_of(trace_of(iris2, 3, mode="none")).unscored == "not recorded"


def test_estimates_are_called_so(iris2, rng):
    assert scene_of(trace_of(iris2, 3)).score_name == "silhouette"
    X = rng.normal(size=(1500, 2))
    trace = trace_of(X, 2, mode="sampled", max_iter=1)
    assert scene_of(trace).score_name == "silhouette (estimate)"


def test_a_score_reads_with_a_real_minus(iris2):
    trace = trace_of(iris2, 3, 7, max_iter=2)
    scene = scene_of(replace(trace, silhouette=np.array([-0.25, np.nan])))
    texts = [scene.score_text(shot) for shot in scene.shots]
    assert texts == ["", "−0.25", "−0.25", "not recorded", "not recorded"]


def test_limits_show_every_score(iris2):
    scene = scene_of(trace_of(iris2, 3))
    low, high = score_limits([replace(scene, scores=np.array([np.nan, -0.9, 0.97]))])
    assert low < -0.9
    assert high > 0.97
    low, high = score_limits([replace(scene, scores=np.array([np.nan]))])
    assert low == 0
    assert high > 0.75


def test_starts_on_the_same_data_share_their_extent(iris2):
    scenes = from_traces([trace_of(iris2, 3, seed) for seed in (7, 128)], ["a", "b"])
    assert scenes[0].extent == scenes[1].extent
    assert [scene.name for scene in scenes] == ["a", "b"]


def test_matches_rename_points_and_background(iris2):
    plain, named = (from_traces([trace_of(iris2, 3, 7)], matches=m)[0] for m in (None, [[2, 0, 1]]))
    last = plain.shots[-1]
    renamed = np.array([2, 0, 1])[plain.clusters(last)]
    np.testing.assert_array_equal(named.clusters(last), renamed)
    grids = [scene.ground(last, scene.extent, (9, 9)) for scene in (plain, named)]
    np.testing.assert_array_equal(np.array([2, 0, 1])[grids[0]], grids[1])
    assert (named.clusters(named.shots[0]) == -1).all()


def test_matches_that_are_no_renaming_are_refused(iris2):
    with pytest.raises(DataError, match="permutation of 0 … 2"):
        from_traces([trace_of(iris2, 3)], matches=[[0, 0, 1]])


def test_a_center_without_a_place_has_no_part_of_the_plane(iris2):
    frame = dict(trace_of(iris2, 3)[1])
    frame["centroids"][1] = np.nan
    scene = from_frames(iris2, [frame], 3)
    assert {*scene.ground(scene.shots[0], scene.extent, (40, 40)).ravel()} == {0, 2}
    frame["centroids"][:] = np.nan
    scene = from_frames(iris2, [frame], 3)
    assert scene.ground(scene.shots[0], scene.extent, (4, 4)) is None
    assert np.isfinite(scene.extent).all()


def test_a_center_far_out_is_told(iris2):
    frame = dict(trace_of(iris2, 3)[1])
    frame["centroids"][0] = 1e6
    scene = from_frames(iris2, [frame], 3)
    assert scene.notes == ("A center lies outside the picture for a while.",)
    assert scene.extent[1] < 20


def test_a_shorter_film_holds_its_last_shot(iris2):
    scene = scene_of(trace_of(iris2, 3, 7))
    assert scene.shot(10_000) == scene.shots[-1]


@pytest.mark.parametrize(
    ("aspect", "expected"),
    [(2.0, (-1.0, 3.0, 0.0, 2.0)), (0.5, (0.0, 2.0, -1.0, 3.0)), (9.0, (0.0, 2.0, 0.0, 2.0))],
)
def test_axes_have_one_scale_where_ranges_allow(aspect, expected):
    assert fitted((0.0, 2.0, 0.0, 2.0), aspect) == expected


def test_what_does_not_fit_is_refused(iris2):
    frames = list(trace_of(iris2, 3, max_iter=1))
    with pytest.raises(DataError, match="none; allowed: one or more"):
        from_frames(iris2, [], 3)
    with pytest.raises(DataError, match=r"centroids of shape \(3, 2\)"):
        from_frames(iris2, frames, 4)
    with pytest.raises(DataError, match=r"labels of shape \(150,\)"):
        from_frames(iris2[:9], frames, 3)
    with pytest.raises(DataError, match="finite numbers"):
        from_frames(np.full((150, 2), np.nan), frames, 3)


def test_points_that_change_sides_are_those_the_trace_counts(iris2):
    trace = trace_of(iris2, 3, 7)
    scene = scene_of(trace)
    for i, frame in enumerate(trace):
        moved = scene.moved(i)
        if frame["phase"] != "assign" or frame["iteration"] == 1:
            assert not len(moved)
            continue
        assert len(moved) == trace.moved[frame["iteration"] - 1]
        changed = np.flatnonzero(frame["labels"] != trace[i - 1]["labels"])
        np.testing.assert_array_equal(moved, changed)


def test_of_thinned_points_those_drawn_change_sides(rng):
    X = rng.normal(size=(20_001, 2))
    trace = trace_of(X, 3, mode="none", max_iter=2)
    wanted = np.flatnonzero((trace[3]["labels"] != trace[2]["labels"])[::3])
    np.testing.assert_array_equal(scene_of(trace).moved(3), wanted)


def test_a_trail_is_the_way_of_each_center_so_far(iris2):
    trace = trace_of(iris2, 3, 7)
    scene = scene_of(trace)
    assert not len(scene.trails(0).ends)
    assert not len(scene.trails(1).ends)  # nothing has moved yet
    for i in (2, 3, 9, 39, 80):
        ends, strengths, clusters = scene.trails(i)
        now = trace[min(i, 39)]["centroids"]
        for c in range(3):
            way = ends[clusters == c]
            np.testing.assert_array_equal(way[0, 0], trace[0]["centroids"][c])
            np.testing.assert_array_equal(way[-1, 1], now[c])
            np.testing.assert_array_equal(way[1:, 0], way[:-1, 1])
            assert (way[:, 0] != way[:, 1]).any(axis=1).all()
        assert (np.diff(strengths) >= 0).all()
        assert strengths.max() <= 1
        assert strengths.min() >= FADED
    np.testing.assert_array_equal(scene.trails(2).strengths, 1)


def test_a_center_without_a_place_leaves_no_trail(iris2):
    frames = [dict(frame) for frame in list(trace_of(iris2, 3))[:3]]
    for frame in frames[:2]:
        frame["centroids"][1] = np.nan
    assert {*from_frames(iris2, frames, 3).trails(2).clusters} == {0, 2}


def test_inertia_is_that_of_the_trace_or_computed(iris2):
    trace = trace_of(iris2, 3, 7)
    scene = scene_of(trace)
    np.testing.assert_array_equal(scene.inertia, trace.inertia)
    np.testing.assert_allclose(from_frames(iris2, list(trace), 3).inertia, trace.inertia)
    texts = [scene.inertia_text(shot) for shot in scene.shots]
    assert texts[:3] == ["", *[f"{trace.inertia[0]:.4g}"] * 2]
    assert texts[-1] == "37.09"


def test_limits_of_inertia_show_every_value(iris2):
    scene = scene_of(trace_of(iris2, 3, 7))
    low, high, by_decades = inertia_limits([scene, replace(scene, best=20.0)])
    assert low < 20
    assert high > scene.inertia.max()
    assert not by_decades
    wide = replace(scene, inertia=np.array([3e5, 2.0]))
    low, high, by_decades = inertia_limits([wide])
    assert 0 < low < 2
    assert high > 3e5
    assert by_decades
    for values in ([0.0], [0.0, 9e9], [np.nan], [5.0], [1e300]):
        low, high, by_decades = inertia_limits([replace(scene, inertia=np.array(values))])
        assert low < high
        assert np.isfinite([low, high]).all()
        assert not by_decades
