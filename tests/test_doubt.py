"""The map of doubt: against the plain definition, start by start, and where there is none."""

import numpy as np
import pytest

import kmeans_lab as kl
from kmeans_lab.kernels.voronoi import label_grid
from kmeans_lab.landscape import match_labels
from kmeans_lab.pictures.alts import alt
from kmeans_lab.pictures.doubt import DoubtInfo, edges
from kmeans_lab.pictures.figures import draw
from kmeans_lab.pictures.plane import plane
from kmeans_lab.study import atlas
from kmeans_lab.study.doubt import doubt
from kmeans_lab.wording import percent


def made(folder, X, k, runs=30, **settings):
    """A study of points with random starts, and its only cell."""
    np.save(folder / "points.npy", X)
    data = [{"source": "points.npy"}]
    grid = {"k": [k], "init": ["random"]}
    spec = kl.Spec(name="a", base=folder, runs=runs, data=data, grid=grid, **settings)
    study = kl.run(spec, results=folder)
    return study, study.cells[0]


def near(places, centers):
    """The nearest of the centers (k, d) to each of the places (m, d)."""
    return ((places[:, None] - centers) ** 2).sum(axis=2).argmin(axis=1)


def plainly(study, cell, places):
    """Share of the converged starts that put each of the points and places elsewhere."""
    X = study.dataset(cell.dataset).X
    ended = study.starts(cell)
    ended = ended[ended["status"] == "converged"]
    best = ended.sort_values(["inertia", "run"]).iloc[0]
    first = np.reshape(best["centers"], (cell.k, -1))
    points, others = np.zeros(len(X)), np.zeros(len(places))
    by_partition = ended.drop_duplicates("partition").set_index("partition")["centers"]
    for partition in ended["partition"]:
        mine = np.reshape(by_partition[partition], (cell.k, -1))
        names = match_labels(near(X, first), near(X, mine), cell.k)
        points += names[near(X, mine)] != near(X, first)
        others += names[near(places, mine)] != near(places, first)
    return points / len(ended), others / len(ended)


@pytest.mark.parametrize("d", [1, 2, 4])
def test_doubt_is_the_share_of_starts_that_put_a_place_elsewhere(tmp_path, rng, d):
    X = rng.normal(size=(40, d))
    study, cell = made(tmp_path, X, 4)
    info = doubt(study, cell)
    rows, cols = info.places.shape
    picked = rng.integers(0, [[rows], [cols]], size=(2, 200))
    x, y = np.linspace(*info.extent[:2], cols), np.linspace(*info.extent[2:], rows)
    view = plane(X)
    places = view.mean + np.stack([x[picked[1]], y[picked[0]]], axis=1) @ view.directions.T
    points, others = plainly(study, cell, places)
    assert info.points == pytest.approx(points)
    assert info.places[tuple(picked)] == pytest.approx(others)
    assert points.max() > 0.1
    assert info.left_out == 0


def test_the_most_frequent_optima_are_looked_at_and_the_rest_is_said(tmp_path, rng, monkeypatch):
    study, cell = made(tmp_path, rng.normal(size=(60, 2)), 6, runs=50)
    starts = study.starts(cell)["partition"].value_counts().to_numpy()
    assert atlas.frequent(study, cell)[1].tolist() == starts.tolist()
    monkeypatch.setattr(atlas, "MOST", 3)
    info = doubt(study, cell)
    assert info.optima == 3
    assert info.left_out == pytest.approx(1 - starts[:3].sum() / 50)
    assert "did not end in" in alt(info)
    label = draw(info).axes[1].get_xlabel()
    assert (
        label
        == f"starts that put a place elsewhere (told of {percent(1 - info.left_out)} of starts)"
    )
    monkeypatch.setattr(atlas, "COVERED", (starts[:2].sum() - 0.5) / 50)
    assert doubt(study, cell).optima == 2


def test_large_data_are_looked_at_in_fewer_optima(tmp_path, rng, monkeypatch):
    study, cell = made(tmp_path, rng.normal(size=(60, 2)), 6)
    monkeypatch.setattr(atlas, "WORK", 60 * 20 * 4)
    assert doubt(study, cell).optima == 4
    monkeypatch.setattr(atlas, "WORK", 1)
    assert doubt(study, cell).optima == 1


def words(info):
    return [text.get_text() for text in draw(info).axes[0].texts]


def test_where_nothing_is_in_doubt_a_line_says_why(tmp_path, rng):
    X = np.concatenate([np.zeros((5, 2)), np.ones((5, 2))]) + rng.normal(size=(10, 2)) / 100
    for k, said in ((1, "k = 1: one cluster"), (2, "every start ends in one optimum")):
        folder = tmp_path / str(k)
        folder.mkdir()
        info = doubt(*made(folder, X, k))
        assert words(info)[0].startswith(said)
        assert said in alt(info)


def test_without_a_converged_start_a_line_says_so(tmp_path, rng):
    info = doubt(*made(tmp_path, rng.normal(size=(60, 2)), 5, lloyd={"max_iter": 1}))
    assert words(info) == ["no start has converged"]
    assert "no start has converged" in alt(info)


@pytest.mark.parametrize("k", [2, 7])
def test_borders_are_as_far_from_two_centers(rng, k):
    centers, offsets = rng.normal(size=(k, 2)), rng.random(k)
    lines = edges(centers, offsets, (-2.0, 2.0, -1.0, 1.5))
    far = ((np.concatenate(lines)[:, None] - centers) ** 2).sum(axis=2) + offsets
    nearest, second = np.sort(far, axis=1)[:, :2].T
    corners = np.mean(second - nearest > 1e-9)  # of three cells, where lines are cut
    assert corners < 0.05
    assert np.max(second - nearest) < 0.1


def test_every_change_of_the_nearest_center_is_crossed_by_a_border(rng):
    centers, extent = rng.normal(size=(5, 2)), (-2.0, 2.0, -1.0, 1.5)
    labels = label_grid(centers, extent, (40, 60))
    x, y = np.linspace(*extent[:2], 60), np.linspace(*extent[2:], 40)
    border = np.concatenate(edges(centers, np.zeros(5), extent))
    rows, cols = np.nonzero(np.diff(labels.astype(int), axis=1))
    places = np.stack([(x[cols] + x[cols + 1]) / 2, y[rows]], axis=1)
    apart = np.sqrt(((places[:, None] - border) ** 2).sum(axis=2)).min(axis=1)
    assert apart.max() < x[1] - x[0]


@pytest.mark.parametrize("n", [1, 3, 25_000])
@pytest.mark.parametrize("d", [1, 2, 3])
def test_any_number_of_points_is_drawn(rng, n, d):
    X = rng.normal(size=(n, d))
    shape = (1, 50) if d == 1 else (20, 30)
    extent = (-3.0, 3.0, 0.0, 0.0) if d == 1 else (-3.0, 3.0, -2.0, 2.0)
    names = [*"<script>", "$x$", "花"][:d]
    centers = [[-1.0, -1.0], [1.0, 1.0]]
    info = DoubtInfo(X, names, rng.random(shape), rng.random(n), 9, extent, centers, np.zeros(2))
    draw(info).draw_without_rendering()
