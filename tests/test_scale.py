"""Ticks: round, inside, few, and labels that name their positions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_lab.pictures.scale import silhouette_ticks, step_ticks, ticks
from kmeans_lab.wording import SUPERSCRIPT

PLAIN = {value: chr(key) for key, value in SUPERSCRIPT.items()}


def read(label, suffix):
    """The position a label stands for."""
    value = float(label.replace("−", "-"))
    for part in suffix.strip(" ()").split(", ") if suffix else []:
        mark, rest = part[0], part[2:]
        if mark == "×":
            value *= 10.0 ** int("".join(PLAIN.get(ord(c), c) for c in rest[2:]))
        else:
            value += float(rest) if mark == "+" else -float(rest)
    return value


@given(
    st.floats(-10, 10), st.floats(0.1, 10), st.integers(-250, 250), st.sampled_from([0, 1e4, -1e8])
)
def test_ticks_are_inside_and_labels_tell_them(low, span, power, offset):
    low, high = (low + offset) * 10.0**power, (low + offset + span) * 10.0**power
    found = ticks(low, high)
    room = (high - low) * 1e-6
    assert 2 <= len(found.positions) <= 7
    assert all(low - room <= position <= high + room for position in found.positions)
    assert len({*found.labels}) == len(found.labels)
    for position, label in zip(found.positions, found.labels, strict=True):
        assert read(label, found.suffix) == pytest.approx(position, abs=(high - low) * 1e-3)


@given(st.floats(-10, 10), st.floats(0.1, 10), st.integers(-250, 250))
def test_labels_are_short(low, span, power):
    found = ticks(low * 10.0**power, (low + span) * 10.0**power)
    assert max(map(len, found.labels)) <= 7


def test_an_empty_or_endless_range_has_no_ticks():
    assert ticks(1.0, 1.0) == ticks(0.0, float("inf")) == ([], [], "")


def test_steps_are_whole_numbers_from_1():
    assert step_ticks(1).labels == ["1"]
    assert step_ticks(4).labels == ["1", "2", "3", "4"]
    assert step_ticks(300).labels == ["100", "200", "300"]


def test_silhouettes_have_their_reference_lines_marked():
    for low in (0.0, -0.3, -1.0):
        assert {0.0, 0.5, 0.75} <= {*silhouette_ticks(low, 0.86).positions}
    assert silhouette_ticks(-0.6, 0.86).labels[0] == "−0.50"
