"""Many points, taken piece by piece on threads: the bits of the ordinary way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmeans_lab.kernels import crowd, init_distance
from kmeans_lab.kernels.batch import run_batch
from kmeans_lab.kernels.crowd import is_many
from kmeans_lab.kernels.initializers import INITIALIZERS
from kmeans_lab.kernels.lloyd import STATUS
from kmeans_lab.kernels.records import prepare
from kmeans_lab.kernels.targets import SAMPLE
from kmeans_lab.reference import references
from kmeans_lab.runner import compute, runner
from kmeans_lab.store.store import Store
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
@pytest.mark.parametrize("d", [1, 2, 5])
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
    monkeypatch.setattr(init_distance, "MANY", 1)
    assert not init_distance.by_feature(X).size
    np.testing.assert_array_equal(INITIALIZERS[init].function(X, 5, seeds).centers, usual.centers)


def test_which_data_are_many(monkeypatch):
    X = np.zeros((20, 3))
    assert not is_many(X, "none")
    monkeypatch.setattr(crowd, "MANY", 60)
    assert is_many(X, "none")
    assert is_many(X, "sampled")
    assert not is_many(X, "exact")
    assert not is_many(X[:19], "none")


@pytest.fixture
def spec(tmp_path, rng):
    """More points than an estimate's sample, three starts of two cells."""
    write_points(tmp_path, rng, n=SAMPLE + 900)
    more = '[record]\nsilhouette = "sampled"\n'
    return write_spec(tmp_path, runs=3, k=[4], init=["random", "k-means++"], more=more)


@pytest.mark.usefixtures("pieces")
def test_a_study_of_many_points_has_the_same_bits(spec, tmp_path, monkeypatch):
    usual = bits(runner.run(spec, results=tmp_path / "usual"))
    monkeypatch.setattr(crowd, "MANY", 1)
    compute._problem.cache_clear()
    for jobs in (1, 2, 50):  # of 50 each of the six starts has eight
        assert bits(runner.run(spec, results=tmp_path / f"{jobs}", jobs=jobs)) == usual
    dataset = Store(tmp_path / "1" / "small").dataset("points")
    assert isinstance(compute.problem(dataset, "sampled"), crowd.Crowd)


def test_there_is_no_search_among_many_points(spec, tmp_path, monkeypatch):
    store = Store(runner.run(spec, results=tmp_path))
    monkeypatch.setattr(references, "MANY", 1)
    said = []
    references.complete(store, said.append)
    assert said == ["no search for better partitions of points: its points are too many"]
    assert not store.reference()
