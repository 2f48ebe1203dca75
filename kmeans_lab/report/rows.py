"""Tables of a report with a row a cell, and shares as bars."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ..spec.plan import Cell
from ..statistics import Estimate
from ..wording import interval, percent
from .numbers import links
from .page import Share, Table

if TYPE_CHECKING:
    from ..study.study import Study


def share_of(share: Estimate, ends: bool = True) -> Share:
    """A share with its interval as a bar; ends: whether the interval is told too."""
    if np.isnan(share.value):
        return Share("–", 0, 0, 0)
    text = percent(share.value)
    if ends and share.low != share.high:
        text += f" {interval(share)}"
    return Share(text, share.low, share.value, share.high)


def cell_table(
    caption: str,
    columns: tuple[str, ...],
    study: "Study",
    row: Callable[["Study", Cell], tuple[str | Share, ...]],
    words: tuple[str, ...] = (),
) -> Table:
    """A row a cell; what all cells share is left out of its name."""
    keys = {"data set": "dataset", "k": "k", "init": "init"}
    several = {
        title for title, key in keys.items() if len({getattr(c, key) for c in study.cells}) > 1
    }
    titles = [title for title in keys if title in several or title == "init"]
    rows = tuple(
        (*(str(getattr(cell, keys[title])) for title in titles), *row(study, cell))
        for cell in study.cells
    )
    names = ("data set", "init", *words)
    return Table(caption, (*titles, *columns), rows, names, links(*columns))
