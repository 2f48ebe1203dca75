"""Partitions without their label numbers, and the starts that share one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive
from kmeans_lab.kernels.partitions import canonical
from kmeans_lab.trace.partitions import _groups


@given(st.integers(1, 9), st.integers(1, 40), st.sampled_from([1, 3, 65536]), st.integers(0, 99))
def test_clusters_are_named_as_the_naive_twin_names_them(rows, n, k, seed):
    labels = np.random.default_rng(seed).integers(k, size=(rows, n)).astype(np.uint16)
    before = labels.copy()
    assert (canonical(labels) == naive.rename(labels)).all()
    assert (labels == before).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_labels_of_either_width_have_the_same_names(dtype):
    assert canonical(np.array([[2, 0, 2, 1]], dtype)).tolist() == [[0, 1, 0, 2]]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=30))
def test_rows_share_a_group_iff_they_are_equal_and_its_first_is_the_first(rows):
    first, of = _groups(np.array(rows, np.uint64).reshape(-1, 2))
    assert [rows[i] for i in first] == [*dict.fromkeys(rows)]
    assert [rows[first[group]] for group in of] == rows
    assert [rows.index(rows[i]) for i in first] == first.tolist()
