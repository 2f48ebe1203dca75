"""The gallery of optima: which are shown, what differs from the best, and any number of them."""

import numpy as np
import pytest

from kmeans_lab.landscape import match_labels, nearest
from kmeans_lab.pictures.figures import draw
from kmeans_lab.pictures.gallery import PANELS, GalleryInfo, differing, told_gallery
from kmeans_lab.study.gallery import gallery
from studies import flowers


@pytest.fixture(scope="module")
def lab(tmp_path_factory, iris2):
    """Thirty flowers, two inits that end in more optima than a gallery shows."""
    grid = {"k": [5], "init": ["random", "k-means++", "kkz"]}
    return flowers(tmp_path_factory.mktemp("gallery"), iris2, grid=grid)


def test_the_best_and_the_largest_basins_are_shown_best_first(lab):
    info = gallery(lab, lab.cells)
    assert info.numbers[0] == 1
    assert info.numbers == sorted(info.numbers)
    assert len(info.numbers) == PANELS
    assert info.others == len(lab.optima) - PANELS
    rows = lab.optima.set_index("optimum").loc[info.numbers]
    assert info.inertia == rows["inertia"].tolist()
    assert info.gaps == rows["gap"].tolist()
    for init in ("random", "k-means++", "kkz"):
        assert info.shares[init].tolist() == rows[f"share[{init}]"].tolist()
    left = lab.optima[~lab.optima["optimum"].isin(info.numbers)]
    assert left[["share[random]", "share[k-means++]"]].max().max() <= min(
        max(shares[1:]) for shares in info.shares.values() if shares[1:].any()
    )


def test_clusters_are_named_as_those_of_the_best(lab):
    info, X = gallery(lab, lab.cells), lab.dataset("points").X
    centers = lab.runs.set_index("run")["centers"]
    ends = [
        nearest(X, np.reshape(centers[run], (5, 2)))
        for run in lab.optima.set_index("optimum").loc[info.numbers]["run"]
    ]
    assert info.first.tolist() == ends[0].tolist()
    for row, labels in zip(info.labels, ends, strict=True):
        assert row.tolist() == match_labels(ends[0], labels, 5)[labels].tolist()
    assert differing(info)[0] == 0
    assert min(differing(info)[1:]) > 0


def test_centers_lie_in_the_cells_that_bear_their_names(lab):
    info, X = gallery(lab, lab.cells), lab.dataset("points").X
    for centers, labels in zip(info.places, info.labels, strict=True):
        assert nearest(X, centers).tolist() == labels.tolist()


def test_what_differs_is_outlined_and_counted(lab):
    info = gallery(lab, lab.cells)
    axes = draw(info).axes[0]
    words = [text.get_text() for text in axes.texts]
    panels = axes.child_axes[::2]
    for moved, panel in zip(differing(info), panels, strict=True):
        ringed = [line for line in panel.lines if line.get_markeredgewidth() > 0]
        assert sum(len(line.get_xdata()) for line in ringed) == moved
    assert f"{differing(info)[1]} point" in " ".join(words)
    assert f"{info.others} more optima are not shown." in words
    assert f"{info.others} more are not shown" in told_gallery(info)


def test_without_a_converged_start_a_line_says_so(tmp_path, iris2):
    study = flowers(tmp_path, iris2, runs=5, lloyd={"max_iter": 1})
    info = gallery(study, study.cells)
    assert draw(info).axes[0].texts[0].get_text() == "no start has converged"
    assert "no start has converged" in told_gallery(info)


@pytest.mark.parametrize(("m", "n", "k"), [(1, 1, 1), (2, 4, 4), (12, 25_000, 60)])
@pytest.mark.parametrize("d", [1, 2, 3])
def test_any_optima_are_drawn(rng, m, n, k, d):
    X = rng.normal(size=(n, d)) * 1e6
    centers = rng.normal(size=(m, k, 2)) * 1e6
    centers[..., 1] *= d > 1
    labels = rng.integers(0, k, (m, n))
    shares = {f"init {i}": rng.random(m) for i in range(1 if n == 1 else 15)}
    numbers = list(range(1, m + 1))
    values = [10.0**i for i in numbers]
    columns = ["<script>", "$x$", "花"][:d]
    info = GalleryInfo(
        X, columns, numbers, values, values, [0.5] * m, shares, labels, labels[0], centers
    )
    draw(info).draw_without_rendering()
