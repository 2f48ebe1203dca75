"""Pictures of a study by name: what has to be chosen, and which numbers go in."""

import numpy as np
import pytest

from kmeans_lab.errors import SpecError
from kmeans_lab.runner import runner
from kmeans_lab.spec.spec import Spec
from kmeans_lab.statistics import ecdf
from kmeans_lab.study import study, views


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Iris with two k and two inits, eight starts each."""
    spec = Spec(
        name="views",
        runs=8,
        data=[{"source": "iris", "truth": "species", "columns": [0, 1]}],
        grid={"k": [3, 2], "init": ["random", "maximin"]},
    )
    return study.open(runner.run(spec, results=tmp_path_factory.mktemp("views"), jobs=1))


def cells(lab, **chosen):
    return [c for c in lab.cells if all(getattr(c, key) == v for key, v in chosen.items())]


@pytest.mark.parametrize("name", views.FIGURES)
def test_every_figure_is_made_once_its_needs_are_chosen(lab, name):
    chosen = {"dataset": "iris", "k": 3, "init": "random"}
    needed = {key: chosen[key] for key in views.FIGURES[name].needs}
    assert lab.figure(name, **needed).axes


@pytest.mark.parametrize("name", [n for n, view in views.FIGURES.items() if "k" in view.needs])
def test_a_choice_that_is_missing_lists_what_is_allowed(lab, name):
    with pytest.raises(SpecError, match=r"k is not given for .*; allowed: 3, 2"):
        lab.figure(name)


def test_what_a_figure_does_not_need_may_be_left_out(lab):
    assert lab.figure("inertia", k=2).axes
    assert lab.figure("optima-by-k").axes


def test_an_init_that_is_given_leaves_out_the_others(lab):
    legend = lab.figure("inertia", k=3, init="maximin").legends[0]
    assert [text.get_text() for text in legend.get_texts()] == ["maximin"]


@pytest.mark.parametrize(
    ("name", "choice", "text"),
    [
        ("inertias", {}, "unknown figure 'inertias' of .*did you mean 'inertia'"),
        ("inertia", {"k": 9}, "k is 9 .*allowed: 3, 2"),
        ("histories", {"k": 3, "init": "randm"}, "did you mean 'random'"),
        ("data", {"dataset": "irs"}, "did you mean 'iris'"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(lab, name, choice, text):
    with pytest.raises(SpecError, match=text):
        lab.figure(name, **choice)


def test_ecdf_is_that_of_the_runs(lab):
    info = views.inertia(lab, cells(lab, k=3))
    values, share = info.series["random"]
    expected = ecdf(lab.starts(cells(lab, k=3, init="random")[0])["inertia"])
    assert values.tolist() == expected.values.tolist()
    assert share.tolist() == expected.share.tolist()
    assert info.best == lab.best("iris", 3)


def test_basins_are_those_of_the_optima(lab):
    info = views.optima(lab, cells(lab, k=3))
    found = lab.optima[lab.optima["k"] == 3]
    assert info.inertia.tolist() == found["inertia"].tolist()
    assert info.shares["maximin"].tolist() == found["share[maximin]"].tolist()


def test_k_rises_along_its_axis(lab):
    info = views.inertia_by_k(lab, lab.cells)
    assert info.k == [2, 3]
    assert info.series["best known"] == [lab.best("iris", 2), lab.best("iris", 3)]
    assert views.optima_by_k(lab, lab.cells).series.keys() == {"random", "maximin"}


def test_histories_are_those_of_the_picked_starts(lab):
    cell = cells(lab, k=3, init="random")[0]
    info = views.histories(lab, [cell])
    worst = lab.trace_of(lab.chosen("worst", cell))
    assert info.series["worst"].tolist() == worst.silhouette.tolist()


def test_the_staircase_is_that_of_the_runs_and_their_optima(lab):
    info = views.stairs(lab, cells(lab, k=3))
    found = lab.optima[lab.optima["k"] == 3]
    assert info.optima == dict(zip(found["optimum"], found["inertia"], strict=True))
    starts = lab.starts(cells(lab, k=3, init="random")[0])
    values, shares = info.series["random"]
    for value, share in zip(values, shares, strict=True):
        assert share == pytest.approx((starts["inertia"] <= value).mean())
    assert set(values) <= set(info.optima.values())


def test_beginning_and_end_are_those_of_the_runs(lab):
    info = views.onset(lab, cells(lab, k=3))
    starts = lab.starts(cells(lab, k=3, init="random")[0])
    initial, final = info.series["random"]
    assert initial.tolist() == starts["initial_inertia"].tolist()
    assert final.tolist() == starts["inertia"].tolist()
    plain = starts["initial_inertia"].corr(starts["inertia"], method="spearman")
    assert info.ranks["random"] == pytest.approx(plain)


def test_restarts_needed_are_those_of_the_statistics(lab):
    info = views.restarts(lab, cells(lab, k=3))
    for cell in cells(lab, k=3):
        needed = lab.statistics(cell).restarts[0.99].value
        assert info.needed.get(cell.init, float("inf")) == needed


@pytest.mark.parametrize(
    ("inertia", "silhouette", "same"),
    [
        ([2.0, 3.0], [0.5, 0.4], True),
        ([2.0, 3.0], [0.5, 0.6], False),
        ([2.0, 2.0, 3.0], [0.1, 0.6, 0.5], True),
        ([2.0, 3.0], [float("nan"), 0.5], False),
    ],
)
def test_whether_the_best_is_the_same_by_both_measures(inertia, silhouette, same):
    assert views._same_best(np.array(inertia), np.array(silhouette)) == same
