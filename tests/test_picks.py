"""Which start is meant: cells by their names, starts by rank or number."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kmeans_lab as kl
from kmeans_lab.spec.plan import Cell
from kmeans_lab.study.picks import cell_of, chosen, one_cell, one_pick

NO_OPTIMA = pd.DataFrame({"optimum": [], "partition": []})


def cells(datasets=("a", "b"), ks=(2, 3), inits=("random", "maximin")):
    triples = [(d, k, i) for d in datasets for k in ks for i in inits]
    return [Cell(*triple, index, 10) for index, triple in enumerate(triples)]


def starts(inertia, status="converged", partition=None, first=5):
    n = len(inertia)
    return pd.DataFrame(
        {
            "run": 2 * np.arange(n),
            "seed": first + np.arange(n),
            "inertia": np.array(inertia, dtype=float),
            "status": status,
            "partition": partition or ["p"] * n,
        }
    )


@pytest.mark.parametrize(
    ("inertia", "best", "median", "worst"),
    [
        ([3.0], 0, 0, 0),
        ([3.0, 1.0], 1, 1, 0),  # the lower median
        ([3.0, 1.0, 2.0], 1, 2, 0),
        ([4.0, 1.0, 3.0, 2.0], 1, 3, 0),
        ([2.0, 1.0, 1.0, 2.0, 2.0], 1, 0, 0),  # ties go to the lowest seed
        ([np.nan, 5.0, np.nan, 4.0], 3, 3, 1),  # no outcome, no place
    ],
)
def test_best_median_and_worst(inertia, best, median, worst):
    table = starts(inertia)
    for pick, place in {"best": best, "median": median, "worst": worst}.items():
        for shuffled in (table, table[::-1]):
            assert chosen(pick, shuffled, NO_OPTIMA) == 2 * place


@given(st.lists(st.integers(0, 4) | st.none(), min_size=1, max_size=12))
def test_ranks_are_those_of_a_sorted_list(values):
    table = starts([np.nan if v is None else v for v in values])
    order = sorted((v, i) for i, v in enumerate(values) if v is not None)
    for pick, place in {"best": 0, "median": (len(order) - 1) // 2, "worst": -1}.items():
        wanted = min(i for v, i in order if v == order[place][0]) if order else None
        assert chosen(pick, table, NO_OPTIMA) == (None if wanted is None else 2 * wanted)


def test_a_start_by_its_seed_and_by_its_run():
    table = starts([1.0, 2.0, np.nan])
    assert chosen("seed=6", table, NO_OPTIMA) == chosen("run=2", table, NO_OPTIMA) == 2
    assert chosen("seed=7", table, NO_OPTIMA) == 4  # also one without outcome
    assert chosen("seed=99999", table, NO_OPTIMA) is None
    assert chosen("run=3", table, NO_OPTIMA) is None  # of another cell
    assert chosen(f"seed={10**17}", table, NO_OPTIMA) is None


def test_an_optimum_is_shown_by_the_lowest_seed_that_converged_to_it():
    table = starts(
        [1.0, 2.0, 2.0, 1.0],
        status=["max_iter", "converged", "converged", "converged"],
        partition=["p", "q", "q", "p"],
    )
    optima = pd.DataFrame({"optimum": [1, 2], "partition": ["p", "q"]})
    assert chosen("optimum=1", table, optima) == 6
    assert chosen("optimum=2", table, optima) == 2
    assert chosen("optimum=3", table, optima) is None
    assert chosen("optimum=2", table[:1], optima) is None


@pytest.mark.parametrize("pick", ["best", "median", "worst", "seed=1", "run=1", "optimum=1"])
def test_an_empty_cell_has_no_start(pick):
    assert chosen(pick, starts([]), NO_OPTIMA) is None
    assert pick[:2] in ("se", "ru") or chosen(pick, starts([np.nan]), NO_OPTIMA) is None


def test_a_cell_by_its_names():
    every = cells()
    for cell in every:
        assert one_cell(every, "s", cell.dataset, cell.k, cell.init) is cell
    alone = cells(datasets=["a"], ks=[3])
    assert one_cell(alone, "s", None, None, "maximin").label == "a/3/maximin"
    assert one_cell(alone[:1], "s", None, None, None).label == "a/3/random"
    assert one_cell(every, "s", "b", np.int64(3), "random").label == "b/3/random"


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ((None, 2, "random"), "dataset is not given for s; allowed: 'a', 'b'"),
        (("a", None, "random"), "k is not given for s; allowed: 2, 3"),
        (("a", 2, None), "init is not given for s; allowed: 'random', 'maximin'"),
        (("c", 2, "random"), "dataset is 'c' for s; allowed: a, b"),
        (("a", 4, "random"), "k is 4 for s; allowed: 2, 3"),
        (("a", 2, "randon"), "init is 'randon' for s; did you mean 'random'?"),
    ],
)
def test_the_error_lists_the_choices(names, line):
    with pytest.raises(kl.SpecError) as caught:
        one_cell(cells(), "s", *names)
    assert str(caught.value) == line


def test_a_pick_by_run_says_its_cell():
    every = cells()
    no_names = {"dataset": None, "k": None, "init": None}
    assert cell_of(["run=13"], every, "s", **no_names) is every[5]
    assert cell_of(["best", "run=13"], every, "s", **no_names) is every[5]
    named = {"dataset": "a", "k": 2, "init": "random"}
    assert cell_of(["run=13"], every, "s", **named) is every[0]
    with pytest.raises(kl.SpecError, match="dataset is not given"):
        cell_of(["seed=13"], every, "s", **no_names)


@pytest.mark.parametrize(
    ("given", "pick"),
    [
        (["best"], "best"),
        (["seed=0128"], "seed=128"),
        ([None, 128], "seed=128"),
        ([None, np.int64(0)], "seed=0"),
        ([None, None, 5], "run=5"),
        ([None, None, None, 2], "optimum=2"),
    ],
)
def test_one_pick(given, pick):
    assert one_pick(*given) == pick


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ([None], ["no start is picked", "allowed: one, as seed=128"]),
        (["best", 5], ["best, seed=5", "allowed: one"]),
        ([4, 5], ["4, seed=5", "allowed: one"]),
        ([None, 1, 2], ["seed=1, run=2"]),
        (["beste"], ["pick is 'beste'", "did you mean 'best'?"]),
        (["sead=5"], ["pick is 'sead=5'", "best, median, worst, seed=N, run=N, optimum=N"]),
        (["seed"], ["allowed: best"]),
        (["seed="], ["pick is 'seed='"]),
        (["seed=1.5"], ["pick is 'seed=1.5'"]),
        (["seed=٣"], ["pick is 'seed=٣'"]),
        ([None, 7.0], ["pick is 'seed=7.0'"]),
        ([None, True], ["pick is 'seed=True'"]),
        ([None, -1], ["pick is 'seed=-1'"]),
        ([5], ["pick is 5", "allowed: best, median"]),
    ],
)
def test_what_is_no_pick(given, parts):
    with pytest.raises(kl.SpecError) as caught:
        one_pick(*given)
    assert [part for part in parts if part not in str(caught.value)] == []
