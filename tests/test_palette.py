"""Colors: told apart by every kind of color vision, and seen on every ground."""

from itertools import combinations

import numpy as np
import pytest

from kmeans_lab.pictures.palette import (
    ALPHA,
    CONTRAST,
    DARK_ALPHA,
    DARK_PAPER,
    MARKERS,
    PALETTE,
    PAPER,
    UNASSIGNED,
    colors,
    contrast,
    ink_on,
    markers,
    mixed,
    outline,
)

# Machado, Oliveira & Fernandes, A physiologically-based model (2009), severity 1.0.
VISIONS = {
    "usual": np.eye(3),
    "protan": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deutan": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritan": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(color, vision):
    """CIE Lab of a color as a kind of vision sees it."""
    value = np.frombuffer(bytes.fromhex(color[1:]), np.uint8) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(XYZ @ np.clip(vision @ linear, 0, 1) / XYZ.sum(axis=1))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("kind", VISIONS)
def test_colors_differ_in_every_vision(kind):
    seen = [lab(color, np.array(VISIONS[kind])) for color in PALETTE]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 10


def test_clusters_have_a_look_of_their_own_until_colors_and_markers_are_used_up():
    k = len(PALETTE) * len(MARKERS)
    assert len({*zip(colors(k), markers(k), strict=True)}) == k
    assert len({*colors(8)}) == 8
    assert {*markers(8)} == {"o"}
    assert "D" not in MARKERS  # diamonds are the centers


@pytest.mark.parametrize(("paper", "alpha"), [(PAPER, ALPHA), (DARK_PAPER, DARK_ALPHA)])
def test_points_stand_out_from_every_tint(paper, alpha):
    grounds = [paper, *(mixed(color, paper, alpha) for color in PALETTE)]
    for color in (*PALETTE, UNASSIGNED):
        edge = outline(color, paper, alpha)
        assert min(contrast(edge, ground) for ground in grounds) >= CONTRAST


def test_numbers_on_centers_are_legible():
    assert min(contrast(ink_on(color), color) for color in PALETTE) >= 4.5


def test_mixing_ends_at_its_parts():
    assert mixed("#123456", "#FEDCBA", 1) == "#123456"
    assert mixed("#123456", "#FEDCBA", 0) == "#FEDCBA"
    assert mixed(UNASSIGNED, UNASSIGNED, ALPHA) == UNASSIGNED
