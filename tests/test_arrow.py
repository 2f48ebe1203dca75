"""Columns made without pyarrow's own conversions are what those would have made."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_lab.arrow import column, empty, nullable, numbers, repeated, texts
from kmeans_lab.trace.tables import RUNS_SCHEMA


@pytest.mark.parametrize("dtype", ["i1", "i4", "i8", "u1", "u2", "f4", "f8"])
@pytest.mark.parametrize("size", [0, 1, 17])
def test_numbers_go_and_come_back(dtype, size):
    values = np.arange(size).astype(dtype)
    made = column(values)
    made.validate(full=True)
    assert made.equals(pa.array(values))
    back = numbers(made)
    assert back.dtype == dtype
    assert back.tolist() == values.tolist()
    assert numbers(pa.chunked_array([made, made[1:]])).tolist() == [*values, *values[1:]]


@given(st.lists(st.floats() | st.just(float("nan")), max_size=20))
def test_nan_is_null_and_nothing_else_is(values):
    made = nullable(np.array(values, np.float64))
    made.validate(full=True)
    assert made.to_pylist() == [None if value != value else value for value in values]


@given(st.lists(st.booleans(), max_size=20))
def test_what_is_not_valid_is_null(valid):
    values = np.arange(len(valid))
    expected = pa.array(values, mask=~np.array(valid, bool))
    assert column(values, np.array(valid, bool)).equals(expected)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=9))
def test_words_are_strings(words):
    made = texts(words)
    made.validate(full=True)
    assert made.equals(pa.array(words, pa.string()))


def test_one_word_many_times():
    assert repeated("ä", 3).to_pylist() == ["ä"] * 3
    assert repeated("ä", 0).type == pa.string()


def test_an_empty_table_has_its_schema():
    assert empty(RUNS_SCHEMA).equals(RUNS_SCHEMA.empty_table())
    assert empty(RUNS_SCHEMA).schema.metadata == RUNS_SCHEMA.metadata
