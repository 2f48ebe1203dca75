"""What pictures share: literal text, text that fits, the same bytes each time."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_lab.pictures.canvas import (
    SMALL,
    blank,
    dress,
    lacking,
    literal,
    png,
    shortened,
    style,
    svg,
)


def picture(text="inertia"):
    figure = blank(2, 1)
    style(figure.add_subplot(), text, text, grid="both")
    return figure


@given(st.text())
def test_any_text_is_drawn_without_a_warning_or_a_formula(text):
    figure = blank(1, 1)
    drawn = figure.text(0, 0, literal(text))
    dress(figure).draw_without_rendering()
    assert "\n" not in drawn.get_text()


@pytest.mark.parametrize("text", ["$x$", r"a\$b", "$$", "{$", "a_b^c$", "100 %", "<b>&amp;"])
def test_marks_of_formulas_are_letters(text):
    assert literal(text).replace(r"\$", "$") == text


def test_letters_without_a_glyph_are_a_square():
    lacking()
    assert literal("a\U0001f9ffb\n\u202ec\U0001f9ff") == "a□b  c□"
    assert lacking() == "\U0001f9ff"
    assert lacking() == ""


@given(st.text(), st.integers(40, 600), st.integers(1, 4))
def test_shortened_text_has_no_more_lines_and_fits(text, room, lines):
    clean = literal(text)
    rows = shortened(clean, room, SMALL, lines).split("\n")
    assert len(rows) <= lines
    assert all(len(row) <= room / (0.62 * SMALL * 100 / 72) + 1 for row in rows)


def test_short_text_stays_and_long_text_ends_in_dots():
    assert shortened("k = 3, random", 400, SMALL) == "k = 3, random"
    assert shortened("word " * 99, 200, SMALL, 2).endswith("…")
    assert shortened("one two", 60, SMALL, 2) == "one two"


def test_pictures_are_the_same_bytes_each_time():
    assert png(picture()) == png(picture())
    assert svg(picture()) == svg(picture())


def test_a_png_has_the_size_asked_for():
    assert struct.unpack(">II", png(picture(), dpi=150)[16:24]) == (300, 150)


def test_figures_are_unknown_to_pyplot():
    figure = blank(1, 1)
    assert figure.canvas.manager is None
    assert type(figure.canvas).__name__ == "FigureCanvasAgg"
