"""Optima and their basins from small hand-made tables; labels matched."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_lab.kernels.batch import run_batch
from kmeans_lab.kernels.records import prepare
from kmeans_lab.landscape import OPTIMA, cluster_sizes, match_labels, nearest, optima

ROWS = [  # run, init, seed, status, inertia, partition
    (0, "random", 0, "converged", 5.0, "a"),
    (1, "k-means++", 0, "converged", 4.0, "b"),
    (2, "random", 1, "converged", 4.0, "c"),
    (3, "k-means++", 1, "converged", 4.0, "b"),
    (4, "random", 2, "max_iter", 4.5, "d"),
    (5, "k-means++", 2, "error", np.nan, None),
    (6, "random", 3, "converged", 5.0, "a"),
    (7, "k-means++", 3, "converged", 5.0, "a"),
]


def table(rows=ROWS, dataset="iris", k=3):
    runs = pd.DataFrame(
        rows, columns=["run", "init", "seed", "status", "inertia", "partition"]
    ).assign(dataset=dataset, k=np.int32(k), ari=np.nan)
    return runs.assign(silhouette=runs["run"] / 10)


def test_optima_rise_in_inertia_and_ties_keep_the_order_of_runs():
    found = optima(table())
    assert found["partition"].tolist() == ["b", "c", "a"]
    assert found["optimum"].tolist() == [1, 2, 3]
    assert found["gap"].tolist() == [0, 0, 0.25]


def test_basins_count_every_start_of_the_cell():
    found = optima(table())
    assert found["starts"].tolist() == [2, 1, 3]
    assert found["share"].tolist() == [2 / 8, 1 / 8, 3 / 8]
    assert found["starts[random]"].tolist() == [0, 1, 2]
    assert found["starts[k-means++]"].tolist() == [2, 0, 1]
    assert found["share[random]"].tolist() == [0, 1 / 4, 2 / 4]
    assert found["share[k-means++]"].tolist() == [2 / 4, 0, 1 / 4]


def test_an_optimum_names_the_lowest_run_that_ended_there():
    found = optima(table().sample(frac=1, random_state=0))
    assert found["run"].tolist() == [1, 2, 0]
    assert found["init"].tolist() == ["k-means++", "random", "random"]
    assert found["seed"].tolist() == [0, 1, 0]
    assert found["silhouette"].tolist() == [0.1, 0.2, 0.0]


def test_gaps_are_measured_from_the_best_known():
    assert optima(table(), {("iris", 3): 2.0})["gap"].tolist() == [1, 1, 1.5]
    cut_off = table([*ROWS, (8, "random", 4, "max_iter", 1.0, "e")])
    assert optima(cut_off)["gap"].tolist() == [3, 3, 4]


def test_optima_of_several_pairs_stand_in_the_order_of_the_study():
    both = pd.concat([table(dataset="z"), table(dataset="a", k=2).assign(run=range(8, 16))])
    found = optima(both)
    assert found["dataset"].tolist() == ["z"] * 3 + ["a"] * 3
    assert found["optimum"].tolist() == [1, 2, 3] * 2
    assert found["share"].tolist() == [2 / 8, 1 / 8, 3 / 8] * 2


def test_optima_keep_their_columns_where_nothing_converged():
    failed = table([(0, "random", 0, "error", np.nan, None)])
    for found in (optima(failed), optima(failed.iloc[:0])):
        assert len(found) == 0
        assert list(found.columns)[: len(OPTIMA)] == list(OPTIMA)
    assert list(optima(failed).dtypes) == list(optima(table(ROWS[:1])).dtypes)


def test_optima_read_tables_of_arrow_as_they_come():
    pa = pytest.importorskip("pyarrow")
    arrow = pa.Table.from_pandas(table(), preserve_index=False).to_pandas()
    pd.testing.assert_frame_equal(optima(arrow), optima(table()))


def test_nearest_gives_the_labels_of_an_outcome(iris2):
    batch = run_batch(prepare(iris2), iris2[None, [0, 60, 120]])
    assert (nearest(iris2, batch.centers[0]) == batch.labels[0]).all()


def test_nearest_takes_the_lowest_index_on_a_tie():
    assert nearest(np.array([[0.0], [2.0]]), [[1.0], [-1.0], [1.0]]).tolist() == [0, 0]


def test_sizes_fall_and_name_empty_clusters():
    assert cluster_sizes(np.array([1, 1, 2], np.uint16), 4) == (2, 1, 0, 0)


@given(st.integers(1, 5).flatmap(lambda k: labels_of(k)))
def test_matched_labels_agree_as_often_as_any_renaming_can(case):
    k, reference, labels = case
    names = match_labels(reference, labels, k)
    assert sorted(names) == list(range(k))
    agreements = [(np.array(p)[labels] == reference).sum() for p in permutations(range(k))]
    assert (names[labels] == reference).sum() == max(agreements)


def labels_of(k):
    labels = st.lists(st.integers(0, k - 1), min_size=8, max_size=8).map(np.array)
    return st.tuples(st.just(k), labels, labels)


def test_matching_undoes_a_renaming(rng):
    labels = rng.integers(0, 12, 400)
    names = rng.permutation(12)
    assert (match_labels(names[labels], labels, 12) == names).all()


def test_matching_keeps_names_where_it_may():
    assert match_labels([0, 1, 2], [0, 1, 2], 6).tolist() == [0, 1, 2, 3, 4, 5]
    assert match_labels([0, 1, 0, 1], [0, 0, 1, 1], 2).tolist() == [0, 1]


def test_matching_passes_over_the_unassigned():
    assert match_labels([-1, -1, 0, 1], [0, 1, 1, 0], 2).tolist() == [1, 0]
    assert match_labels([0, 1], [-1, -1], 2).tolist() == [0, 1]
