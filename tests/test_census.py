"""Every start of init `random`: counted by rank, exact shares, and samples that agree with them."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import chisquare

import kmeans_lab as kl
from kmeans_lab.errors import SpecError
from kmeans_lab.kernels.census import choices_of
from kmeans_lab.report import report


def spec_of(points, tmp_path, k=2, runs="all", **more):
    np.save(tmp_path / "points.npy", points)
    asked = {"name": str(runs), "data": [{"source": "points.npy"}], "runs": runs, **more}
    grid = {"k": [k], "init": ["random"]}
    return kl.Spec(base=tmp_path, record={"steps": False}, **{"grid": grid} | asked)


def run(*args, **more):
    return kl.run(spec_of(*args, **more), results=args[1] / "results")


@pytest.mark.parametrize(("n", "k"), [(1, 1), (4, 1), (5, 2), (5, 3), (6, 4), (5, 5)])
def test_ranks_are_those_of_permutations(n, k):
    every = [*itertools.permutations(range(n), k)]
    assert choices_of(np.arange(len(every)), n, k).tolist() == [*map(list, every)]


def test_a_far_rank_of_a_large_set_is_found_without_counting_to_it():
    last = math.perm(150, 3) - 1
    assert choices_of(np.array([last]), 150, 3).tolist() == [[149, 148, 147]]


def test_a_census_runs_each_ordered_choice_once_and_its_seed_is_the_rank(tmp_path, rng):
    X = rng.integers(0, 4, (6, 2)).astype(float)
    study = run(X, tmp_path)
    assert study.runs["seed"].tolist() == [*range(30)]
    seventh = [*itertools.permutations(range(6), 2)][7]
    assert np.array_equal(study.trace(seed=7)[0]["centroids"], X[[*seventh]])


def test_shares_of_a_census_are_probabilities_without_an_interval(tmp_path, rng):
    study = run(rng.normal(size=(7, 2)), tmp_path)
    row = study.summary().iloc[0]
    assert row["reach_low"] == row["reach"] == row["reach_high"] == row["reached"] / 42
    assert row["restarts_99_low"] == row["restarts_99"] == row["restarts_99_high"]


def test_sampled_seeds_agree_with_the_exact_shares(tmp_path, iris2):
    """Chi-square of 10 000 seeds over the optima of 36 of the flowers; rare ones together."""
    X = iris2[::4][:36]
    exact, sample = run(X, tmp_path, k=3), run(X, tmp_path, k=3, runs=10_000)
    shares = exact.runs["partition"].value_counts(normalize=True)
    assert set(sample.runs["partition"]) <= set(shares.index)
    counts = sample.runs["partition"].value_counts().reindex(shares.index, fill_value=0)
    expected = shares * len(sample.runs)
    often = expected >= 10
    found = [*counts[often], counts[~often].sum()]
    wanted = [*expected[often], expected[~often].sum()]
    assert often.sum() >= 3
    assert chisquare(found[: len(found) - (wanted[-1] == 0)], wanted[: len(found)]).pvalue > 0.01


def test_a_census_shows_itself_in_the_report(tmp_path, rng):
    study = run(rng.normal(size=(6, 2)), tmp_path, render={"pick": [], "format": []})
    page = report.build(study).read_text()
    assert "seeds 0–29" in page
    assert "--runs" not in page


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"k": 3, "n": 300}, "runs is 'all', which is 26,730,600 starts for 'points' and k = 3"),
        ({"grid": {"k": [2], "init": ["k-means++"]}}, "runs is 'all', but init is 'k-means++'"),
        ({"seed": 4}, "seed is 4; allowed: 0 with runs = 'all', as a seed is a start's rank"),
        ({"runs": "every"}, "runs is 'every'; allowed: whole numbers from 1 to 100000000, 'all'"),
        ({"data": [{"source": "points.npy", "points": 9}]}, "points is 9, but 'points' has 20"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_one_line(tmp_path, rng, more, line):
    X = rng.normal(size=(more.pop("n", 20), 2))
    with pytest.raises(SpecError, match="allowed") as error:
        run(X, tmp_path, **more)
    assert line in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "results").exists()


def test_a_census_is_another_study_than_a_sample(tmp_path, rng):
    X = rng.normal(size=(6, 2))
    run(X, tmp_path, name="one")
    with pytest.raises(SpecError, match="runs was 'all', is 20"):
        run(X, tmp_path, name="one", runs=20)
