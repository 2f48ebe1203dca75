"""Many points, taken piece by piece on threads: the bits of the ordinary way."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kmeans_lab as kl
from kmeans_lab.data.datasets import Dataset
from kmeans_lab.errors import RunError
from kmeans_lab.kernels import crowd, init_distance
from kmeans_lab.kernels.batch import run_batch
from kmeans_lab.kernels.crowd import is_many
from kmeans_lab.kernels.initializers import INITIALIZERS
from kmeans_lab.kernels.lloyd import STATUS
from kmeans_lab.kernels.records import prepare
from kmeans_lab.kernels.targets import SAMPLE
from kmeans_lab.reference import references
from kmeans_lab.report import payload, portraits, report
from kmeans_lab.runner import compute, forecast, runner, workers
from kmeans_lab.runner.compute import Settings
from kmeans_lab.spec.plan import Cell
from kmeans_lab.store.store import Store
from kmeans_lab.study import ends
from strategies import problems
from studies import bits, write_points, write_spec

RULES = (
    {},
    {"max_iter": 3},
    {"tol": 1e-2},
    {"empty": "keep"},
    {"empty": "fail"},
    {"steps": False},
    {"labels": "final"},
)
CLOUDS = {
    "one integer": lambda rng, X: np.round(X),
    "two digits": lambda rng, X: X,
    "many digits": lambda rng, X: X * 10.0 ** np.linspace(-20, 20, X.shape[1]),
    "far away": lambda rng, X: X + 1e9,
    "huge and tiny": lambda rng, X: X * 10.0 ** np.linspace(-140, 140, X.shape[1]),
    "crowded": lambda rng, X: np.where(np.arange(len(X))[:, None] % 2, X, X * 1e-9 + 5),
    "one wide column": lambda rng, X: np.where(
        np.arange(X.shape[1]) == 0, X * 10.0 ** rng.integers(-300, 1, size=X.shape), np.round(X)
    ),
    "signed zeros": lambda rng, X: np.where(rng.random(X.shape) < 0.5, -0.0, np.round(X / 2)),
}


@pytest.fixture
def pieces(monkeypatch):
    """Pieces of 700 rows."""
    monkeypatch.setattr(crowd, "PIECE", 700)


def equal(X, first, mode, threads, **rules):
    """The batch of the ordinary way, which is that of the other to the bit."""
    usual = run_batch(prepare(X, mode), first, **rules)
    made = run_batch(crowd.crowd(X, mode), first, threads=threads, **rules)
    for name, a, b in zip(usual._fields, usual, made, strict=True):
        assert a.dtype == b.dtype, name
        np.testing.assert_array_equal(a, b, err_msg=name)
        assert (np.signbit(a) == np.signbit(b)).all(), name
    return usual


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("d", [1, 2, 11])
def test_every_bit_is_that_of_the_ordinary_way(rng, cloud, d):
    X = CLOUDS[cloud](rng, rng.normal(size=(SAMPLE + 500, d)) * 3)
    first = X[rng.permuted(np.tile(np.arange(len(X)), (2, 1)), axis=1)[:, :6]]
    first[1, -1] = 1e3 * np.abs(X).max()  # nobody's nearest: empty at once
    for number, rules in enumerate(RULES):
        for mode in ("sampled", "none"):
            equal(X, first, mode, threads=1 + number % 3, **rules)


@settings(max_examples=60)
@given(problem=problems(), threads=st.integers(1, 2), rules=st.sampled_from(RULES))
def test_small_data_too_with_ties_and_duplicates(problem, threads, rules):
    X, centers = problem
    equal(X, centers[None], "none", threads, **rules)


def test_a_cycle_is_told(pieces):
    X = np.zeros((3, 1))
    batch = equal(X, np.zeros((1, 2, 1)), "none", 1)
    assert STATUS[batch.status[0]] == "cycle"


def test_an_estimate_is_computed_anew_where_distances_are_too_small_for_units(rng, pieces):
    X = np.concatenate([rng.normal(size=(SAMPLE, 2)), rng.normal(size=(SAMPLE, 2)) * 1e-9 + 9])
    first = X[[0, 1, SAMPLE, SAMPLE + 1]][None]
    batch = equal(X, first, "sampled", 2)
    assert (batch.silhouette_se > 0).all()


@pytest.mark.parametrize("init", ["k-means++", "greedy-k-means++", "maximin"])
def test_first_centers_of_many_points_are_the_same(rng, monkeypatch, init):
    X, seeds = rng.normal(size=(900, 3)) * [1, 1e-3, 1e3], np.arange(20)
    usual = INITIALIZERS[init].function(X, 5, seeds)
    monkeypatch.setattr(init_distance, "are_many", lambda *_: True)
    assert not init_distance.by_feature(X).size
    np.testing.assert_array_equal(INITIALIZERS[init].function(X, 5, seeds).centers, usual.centers)


@pytest.fixture
def many(monkeypatch):
    """All data are many."""
    monkeypatch.setattr(crowd, "MANY", 1)
    monkeypatch.setattr(crowd, "FEWEST", 1)


def test_which_data_are_many(monkeypatch):
    X = np.zeros((20, 3))
    assert not is_many(X, "none")
    monkeypatch.setattr(crowd, "MANY", 60)
    assert not is_many(X, "none")
    monkeypatch.setattr(crowd, "FEWEST", 20)
    assert is_many(X, "none")
    assert is_many(X, "sampled")
    assert not is_many(X, "exact")
    assert not is_many(X[:19], "none")
    monkeypatch.setattr(crowd, "FEWEST", 21)
    assert not is_many(X, "none")


def test_those_that_are_many_have_more_points_than_an_estimate_asks():
    assert crowd.FEWEST > SAMPLE


@pytest.fixture
def spec(tmp_path, rng):
    """More points than an estimate's sample, three starts of two cells."""
    write_points(tmp_path, rng, n=SAMPLE + 900)
    more = '[record]\nsilhouette = "sampled"\n'
    return write_spec(tmp_path, runs=3, k=[4], init=["random", "k-means++"], more=more)


def held():
    """Data sets that this process keeps, as they are and as the kernels want them."""
    return workers._read.cache_info().currsize, compute._problem.cache_info().currsize


@pytest.mark.usefixtures("pieces", "many")
def test_a_study_of_many_points_has_the_same_bits(spec, tmp_path, monkeypatch):
    with monkeypatch.context() as usually:
        usually.setattr(crowd, "MANY", 1 << 24)
        usual = bits(runner.run(spec, results=tmp_path / "usual"))
    asked = []
    monkeypatch.setattr(
        compute, "run_batch", lambda *args, **more: asked.append(more) or run_batch(*args, **more)
    )
    for jobs, threads in {1: 1, 2: 1, 50: 8}.items():  # of 50 each of the six starts has eight
        asked.clear()
        assert bits(runner.run(spec, results=tmp_path / f"{jobs}", jobs=jobs)) == usual
        assert {more["threads"] for more in asked} == {threads}
        assert held() == (0, 0)
    dataset = Store(tmp_path / "1" / "small").dataset("points")
    assert isinstance(compute.problem(dataset, "sampled"), crowd.Crowd)


def test_no_data_are_kept_when_a_run_ends(spec, tmp_path, monkeypatch):
    runner.run(spec, results=tmp_path, shard="1/2")
    assert held() == (0, 0)

    def fail(*_):
        raise RunError("it failed")

    monkeypatch.setattr(Store, "commit", fail)
    with pytest.raises(RunError, match="it failed"):
        runner.run(spec, results=tmp_path / "other")
    assert held() == (0, 0)


def test_there_is_no_search_among_many_points(spec, tmp_path, monkeypatch):
    store = Store(runner.run(spec, results=tmp_path))
    monkeypatch.setattr(references, "are_many", lambda *_: True)
    said = []
    references.complete(store, said.append)
    references.extend(store, 5.0, said.append)
    assert said == ["no search for better partitions of points: its points are too many"] * 2
    assert not store.reference()


def test_a_page_says_that_many_points_have_no_portrait_and_no_films_of_its_own(
    spec, tmp_path, monkeypatch
):
    monkeypatch.setattr(portraits, "are_many", lambda *_: True)
    monkeypatch.setattr(payload, "HOPELESS", 100)
    folder = runner.run(spec, results=tmp_path)
    report.build(kl.open(folder))
    said = (folder / "summary.md").read_text()
    assert "its points are too many, and each place of a picture is a start" in said
    assert "its points take" in (folder / "report.html").read_text()


@pytest.mark.usefixtures("pieces", "many")
def test_a_start_is_made_again_no_further_than_it_went(spec, tmp_path):
    """Else the labels of all the steps that it might make, 2 GB here, would want room."""
    more = "[lloyd]\nmax_iter = 1000000\n[record]\nlabels = 'final'\nsilhouette = 'sampled'\n"
    again = write_spec(spec.parent, runs=3, k=[4], more=more)
    study = kl.open(runner.run(again, results=tmp_path))
    tracemalloc.start()
    trace = study.trace("best", init="random")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert trace.status == "converged"
    assert peak < 20 << 20


def test_room_is_taken_for_the_steps_that_a_start_makes(rng):
    X = rng.normal(size=(SAMPLE, 2))
    endless = {"labels": "all", "max_iter": 10**12}  # 10 PB, were there room for each
    batch = run_batch(crowd.crowd(X, "none"), X[None, :5], threads=1, **endless)
    assert batch.step_labels.shape == (batch.n_iter[0], SAMPLE)


def test_no_transfer_is_tried_on_many_points(spec, tmp_path, monkeypatch):
    study = kl.open(runner.run(spec, results=tmp_path))
    assert study.optima["transfer_improves"].notna().all()
    monkeypatch.setattr(ends, "are_many", lambda *_: True)
    assert kl.open(study.folder).optima["transfer_improves"].isna().all()


@pytest.mark.parametrize("k", [3, 700])
def test_a_forecast_of_many_points_tries_some_of_them(rng, monkeypatch, k):
    monkeypatch.setattr(forecast, "MANY", 600)
    monkeypatch.setattr(forecast, "FEWEST", 100)
    monkeypatch.setattr(crowd, "MANY", 600)
    monkeypatch.setattr(crowd, "FEWEST", 100)
    X = rng.normal(size=(3000, 2))
    whole = Dataset("x", X, ("a", "b"), ("a", "b"))
    chosen = Settings(9, 0.0, "relocate", False, "none", "none", Path())
    few = forecast._few(whole, k, chosen)
    assert len(few.X) == (300 if k == 3 else 1500)
    cost = forecast._cost(whole, Cell("x", k, "random", 0, 9), chosen, 0)
    assert cost.shared == pytest.approx(X.nbytes, rel=0.2)
    assert cost.seconds > 0
