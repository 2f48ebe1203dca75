"""Three features in space: the view is a turn, and the box fits the picture at every angle."""

from math import pi, tau

import numpy as np
import pytest

from kmeans_lab.pictures.reel import from_frames, from_traces
from kmeans_lab.pictures.space import FIRST, TILT, TURN, around, turn_of, turned
from starts import trace_of

ANGLES = np.linspace(-1, 7, 41)


@pytest.fixture
def cube(rng):
    """Points of three features of different ranges, far from the origin."""
    return rng.uniform(size=(40, 3)) * [2.0, 1.5, 1.0] + 1e3


def scene_of(X, **rules):
    return from_traces([trace_of(X, 3, **rules)])[0]


@pytest.mark.parametrize("angle", [0.0, 0.3, 2.5, -4.0])
def test_a_view_keeps_distances(cube, angle):
    seen = turned(cube, angle)
    np.testing.assert_allclose(
        np.linalg.norm(seen[1:] - seen[:-1], axis=1), np.linalg.norm(np.diff(cube, axis=0), axis=1)
    )


def test_a_view_is_from_above_and_upright():
    right, deep, high = turned(np.eye(3), 0.0)
    np.testing.assert_allclose(right, [1, 0, 0], atol=1e-15)
    np.testing.assert_allclose(deep, [0, np.sin(TILT), -np.cos(TILT)])
    np.testing.assert_allclose(high, [0, np.cos(TILT), np.sin(TILT)])
    np.testing.assert_allclose(turned(np.eye(3), pi / 2)[0], deep, atol=1e-15)  # x is where y was


def test_the_box_fits_the_picture_at_every_angle(cube):
    space = around(cube, "abc")
    x_min, x_max, y_min, y_max = space.extent
    for angle in ANGLES:
        places = np.array([edge.ends for edge in space.edges(angle)]).reshape(-1, 2)
        assert x_min < places[:, 0].min()
        assert places[:, 0].max() < x_max
        assert y_min < places[:, 1].min()
        assert places[:, 1].max() < y_max


def test_points_lie_in_the_box(cube):
    space = around(cube, "abc")
    placed = np.abs(space.placed(cube))
    np.testing.assert_allclose(placed.max(axis=0), space.half)
    assert space.half.max() == 1.0
    np.testing.assert_allclose(space.unit, space.unit[0])  # one scale


def test_ranges_too_different_have_a_scale_each(cube):
    np.testing.assert_allclose(around(cube * [1, 1, 100], "abc").half, 1)


@pytest.mark.parametrize("X", [np.full((4, 3), 7.0), np.zeros((1, 3)), np.eye(3) * 2.0**300])
def test_a_box_has_sides_whatever_the_points(X):
    space = around(X, "abc")
    assert (space.half > 0).all()
    assert np.isfinite(space.placed(X)).all()


def test_each_axis_is_named_once_and_outside(cube):
    space = around(cube, "abc")
    for angle in ANGLES:
        edges = space.edges(angle)
        assert len(edges) == 12
        named = {edge.axis: edge.ends for edge in edges if edge.axis >= 0}
        assert [*named] == [0, 1, 2]
        every = np.array([edge.ends for edge in edges]).mean(axis=1)
        assert named[2].mean(axis=0)[0] == pytest.approx(every[8:, 0].min())  # at the left
        for axis in (0, 1):
            mine = every[4 * axis : 4 * axis + 4]
            assert named[axis].mean(axis=0)[1] == pytest.approx(mine[:, 1].min())  # at the bottom


def test_names_tell_ranges(cube):
    assert around(np.array([[0, 0, 1e8], [1.5, 20, 1e8 + 1]]), "abc").names == (
        "a\n0 to 1.5",
        "b\n0 to 20",
        "c\n1.00000000 × 10⁸ to 1.00000001 × 10⁸",
    )


@pytest.mark.parametrize("frames", [1, 2, 18, 72, 5000])
def test_a_film_turns_once_at_most(frames):
    assert 0 < turn_of(frames) <= TURN
    assert frames * turn_of(frames) <= tau * (1 + 1e-12)


def test_the_view_is_a_function_of_the_frame(cube):
    scene = scene_of(cube)
    for i in (0, 1, 5, 200):
        assert scene.angle(i) == FIRST + i * scene.turn
        wanted = turned(scene.space.placed(cube), scene.angle(i))[:, :2]
        np.testing.assert_array_equal(scene.places(i), wanted)
    late = len(scene.shots) + 3
    assert (scene.places(late) != scene.places(late - 1)).any()  # what is held goes on turning
    np.testing.assert_array_equal(
        scene.center_places(2), turned(scene.centers[scene.shots[2].centers], scene.angle(2))[:, :2]
    )


def test_starts_side_by_side_turn_alike(cube):
    short, long = from_traces([trace_of(cube, 3, s, max_iter=m) for s, m in ((1, 1), (2, 9))])
    np.testing.assert_array_equal(short.places(4), long.places(4))


def test_nearness_is_from_0_to_1_and_follows_the_view(cube):
    scene = scene_of(cube)
    for i in range(20):
        near = scene.depths(i)
        assert near.min() >= 0
        assert near.max() <= 1
        toward = turned(scene.points, scene.angle(i))[:, 2]
        np.testing.assert_array_equal(near.argsort(kind="stable"), toward.argsort(kind="stable"))


def test_a_space_has_no_background_and_says_what_it_is(cube):
    scene = scene_of(cube)
    assert scene.ground(scene.shots[1], scene.extent, (4, 4)) is None
    assert scene.notes[0].startswith("Three features, seen in space")


def test_a_center_outside_the_box_is_told(cube):
    frame = dict(trace_of(cube, 3)[1])
    frame["centroids"][0] += 50
    notes = from_frames(cube, [frame], 3).notes
    assert notes[-1] == "A center lies outside the picture for a while."
