"""The explorer's boards as they stand in the page: packed, and bounded in bytes.

Arrays are base64 of deflated little-endian numbers; first centers that are points are sent as the
points' numbers.
"""

import zlib
from base64 import b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..data.datasets import Dataset
from ..film.animation import Film
from ..film.player import ASPECT
from ..kernels.lloyd import STATUS
from ..pictures.palette import DARK_PAPER, PALETTE, PAPER, outline
from ..pictures.plane import fitted, plane
from ..runner.compute import problem
from ..trace.trace import Trace
from ..wording import size
from .explorer import Board, Dots, Floats, boards, rule
from .page import Explorer, Prose, Section

if TYPE_CHECKING:
    from ..study.study import Study

ROOM = 4 << 20  # bytes of points and first centers in a page, as they are packed
HOPELESS = 16 * ROOM  # bytes of points that are not even packed to see whether they fit
INTRO = (
    "Every dot is a start; the flat parts of the first chart are basins. Choose one: the page "
    "computes its film, from its first centers alone."
)
LARGE = "its {} take {}, and of all that films are made of a page holds {}"
ODD = (0x9E3779B97F4A7C15, 0xD1342543DE82EF95)  # multipliers of which every power mixes bits


def explorer(study: "Study") -> Section | None:
    """Every start as a dot whose film is computed in the page; None where no start is stored."""
    made = boards(study)
    if not any(len(dots.seeds) for board in made for dots in board.dots):
        return None
    part = _Page(study).part(made)
    notes = [rule(dots) for board in made for dots in board.dots]
    asides = tuple(Prose((note,), "aside") for note in (*notes, *part.left_out) if note)
    return Section("explorer", "Every start", (Prose((INTRO,)), part, *asides))


class _Page:
    """What a page has room for."""

    def __init__(self, study: "Study") -> None:
        self.study, self.left = study, ROOM
        self.data: dict[str, dict[str, Any]] = {}
        self.films: list[str] = []

    def part(self, made: Sequence[Board]) -> Explorer:
        """The boards, points and rules, for the page's script; no number in it is NaN."""
        lloyd = self.study.spec.lloyd
        data = {
            "seed": str(self.study.spec.seed),
            "maxIter": lloyd.max_iter,
            "empty": lloyd.empty,
            "status": STATUS,
            "colors": {
                "light": [outline(color, PAPER, 0) for color in PALETTE],
                "dark": [outline(color, DARK_PAPER, 0) for color in PALETTE],
            },
            "boards": [self._board(board) for board in made],
            "data": self.data,
        }
        return Explorer(data, tuple(self.films))

    def _board(self, board: Board) -> dict[str, Any]:
        pair = board.pair
        dataset = self.study.dataset(pair.dataset)
        if pair.dataset not in self.data:
            self.data[pair.dataset] = self._points(dataset)
        cells = [self._cell(dataset, dots) for dots in board.dots]
        filmed = any(cell["firsts"] for cell in cells)
        film = blank(pair.dataset, dataset, pair.k) if filmed else None
        self.films.append(film.fragment() if film else "")
        return {
            "data": pair.dataset,
            "k": pair.k,
            "best": None if np.isnan(board.best) else board.best,
            "labels": packed(board.labels, "<u2"),
            "view": view(dataset, film) if film else None,
            "cells": cells,
        }

    def _points(self, dataset: Dataset) -> dict[str, Any]:
        """The points, where there is room for them, and how they are seen in the plane."""
        hopeless, tol = dataset.X.nbytes > HOPELESS, self.study.spec.lloyd.tol
        points = "" if hopeless else packed(dataset.X, "<f8")
        sent, needed = not hopeless and self._room(points), len(points) or dataset.X.nbytes
        return {
            "n": len(dataset.X),
            "d": dataset.X.shape[1],
            "points": points if sent else None,
            "why": "" if sent else LARGE.format("points", size(needed), size(ROOM)),
            "limit": tol * problem(dataset, "none").variance if tol > 0 else None,
        }

    def _cell(self, dataset: Dataset, dots: Dots) -> dict[str, Any]:
        firsts, why = self._firsts(dataset, dots)
        return columns(dots) | {"firsts": firsts, "why": why}

    def _firsts(self, dataset: Dataset, dots: Dots) -> tuple[dict[str, str] | None, str]:
        """First centers as the page has them, or why it has none."""
        if dots.firsts is None:
            return None, dots.why
        if why := self.data[dots.cell.dataset]["why"]:
            return None, why
        if np.isnan(dots.firsts).all():
            return None, "no start of it has any first centers"
        places = found(dataset.X, dots.firsts)
        sent = {"values": packed(dots.firsts, "<f8")}
        if places is not None:
            sent = {"places": packed(places, "<u4")}
        (text,) = sent.values()
        if self._room(text):
            return sent, ""
        return None, LARGE.format("first centers", size(len(text)), size(ROOM))

    def _room(self, text: str) -> bool:
        fits = len(text) <= self.left
        self.left -= len(text) * fits
        return fits


def blank(name: str, dataset: Dataset, k: int) -> Film:
    """A film that shows the points and no start: what the page puts its own films into."""
    X, nobody = dataset.X, np.full(1, np.nan)
    trace = Trace(
        X,
        k,
        np.repeat(X[None, :1], k, axis=1),
        np.full((1, len(X)), -1, np.int64),
        *(nobody, nobody, nobody, np.zeros(1, np.int64)),
        "empty_cluster",
        dataset=name,
        columns=dataset.columns,
    )
    return Film([trace])


def view(dataset: Dataset, film: Film) -> dict[str, Any]:
    """How centers get to their places in the picture, as the player has them."""
    (scene,) = film.scenes
    stride = -(-len(dataset.X) // len(scene.points))  # of the points one in so many is drawn
    if scene.space is not None:
        middle, unit = scene.space.middle.tolist(), scene.space.unit.tolist()
        return {"middle": middle, "unit": unit, "stride": stride}
    x_min, x_max, y_min, _ = fitted(scene.extent, ASPECT)
    flat = plane(dataset.X, dataset.columns)
    return {
        "mean": flat.mean.tolist(),
        "directions": flat.directions.tolist(),  # (d, 2)
        "corner": [x_min, y_min],
        "width": x_max - x_min,
        "stride": stride,
    }


def columns(dots: Dots) -> dict[str, Any]:
    """The dots of a cell for the page: numbers in columns, seeds as steps from one to the next."""
    base = int(dots.seeds[0]) if len(dots.seeds) else 0
    return {
        "init": dots.cell.init,
        "label": dots.cell.label,
        "starts": dots.starts,
        "base": str(base),  # the largest seeds are no numbers of a script
        "seeds": packed(np.diff(dots.seeds, prepend=base), "<u4"),
        "ranks": packed(dots.ranks, "<i4"),
        "status": packed(dots.status, "<u1"),
        "steps": packed(dots.n_iter, "<u4"),
        "inertia": packed(dots.inertia, "<f8"),
        "silhouette": packed(dots.silhouette, "<f4"),
        "optimum": packed(dots.optimum, "<u4"),
        "picks": dots.picks,
    }


def packed(values: ArrayLike, kind: str) -> str:
    """Numbers as text: of that kind, by row, deflated, in base64."""
    numbers = np.ascontiguousarray(values, dtype=kind).tobytes()
    return b64encode(zlib.compress(numbers, 9)).decode("ascii")


def found(X: Floats, centers: Floats) -> NDArray[np.int64] | None:
    """Rows (R, k) of `X` (n, d) that the centers (R, k, d) are, the lowest; None where one is none.

    >>> found(np.array([[0.0], [1.0], [1.0]]), np.array([[[1.0], [0.0]]]))
    array([[1, 0]])
    """
    keys, wanted = _keys(X), _keys(centers)
    known, places = np.unique(keys, return_index=True)
    rows = places[np.searchsorted(known, wanted).clip(0, len(known) - 1)]
    return rows if np.array_equal(X[rows], centers) else None


def _keys(points: Floats) -> NDArray[np.uint64]:
    """64 bits for each of the points (…, d), equal for equal ones."""
    bits = (points + 0.0).view(np.uint64)  # of the two zeros one
    keys = np.zeros(points.shape[:-1], np.uint64)
    for j in range(points.shape[-1]):
        keys = (keys ^ bits[..., j] ^ (bits[..., j] >> np.uint64(29))) * np.uint64(ODD[j % 2])
    return keys
