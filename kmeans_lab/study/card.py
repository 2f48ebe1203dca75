"""A study at a glance, as a notebook shows it: what was run, and what came of each cell."""

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from ..spec.plan import Cell
from ..wording import NONE, count, excess, interval, number, percent, restarts

if TYPE_CHECKING:
    from .study import Study

MOST = 12  # cells that get a row
TITLES = (
    *("data set", "k", "init", "starts", "optima", "best inertia"),
    *("success", "n_init for 99\u00a0%", "mean gap"),
)
WORDS = ("data set", "init")  # columns that are set as text
FRAME = "border:1px solid #8888;border-radius:6px;padding:.7em 1em;max-width:60em;overflow-x:auto"
CALLS = ('study.animate("best")', 'study.portrait("worst")', 'study.figure("restarts")')


def card(study: "Study") -> str:
    """The card as HTML, in the colors of the page it stands in."""
    shown, starts = study.cells[:MOST], len(study.runs)
    planned = sum(cell.starts for cell in study.cells)
    head = f"<b>{escape(study.spec.name)}</b> · {_starts(starts, planned)} · {_folder(study)}"
    titles = "".join(map(_head, range(len(TITLES)), TITLES))
    rows = "".join(f"<tr>{_row(study, cell)}</tr>" for cell in shown)
    more = len(study.cells) - len(shown)
    rest = f"<div>and {count(more)} more cells: <code>study.summary()</code></div>" * (more > 0)
    calls = " · ".join(f"<code>{escape(call)}</code>" for call in CALLS)
    table = f"<thead><tr>{titles}</tr></thead><tbody>{rows}</tbody>"
    table = f'<table style="margin:.5em 0">{table}</table>'
    return f'<div style="{FRAME}"><div>{head}</div>{table}{rest}<div>{calls}</div></div>'


def _starts(there: int, planned: int) -> str:
    missing = f", {count(planned - there)} missing" * (there < planned)
    return f"{count(there)} starts{missing}"


def _folder(study: "Study") -> str:
    return f"<code>{escape(str(study.folder))}</code>"


def _row(study: "Study", cell: Cell) -> str:
    said = study.statistics(cell)
    values = [cell.dataset, str(cell.k), cell.init, count(said.starts)]
    if not said.outcomes:
        values += [NONE] * (len(TITLES) - len(values))
    else:
        best = number(study.best(cell.dataset, cell.k))
        reach = percent(said.reach.value)
        if said.reach.low != said.reach.high:
            reach += f" {interval(said.reach)}"
        gap = excess(said.expected_gap.get(1, np.nan))
        values += [count(said.optima), best, reach, restarts(said.restarts[0.99]), gap]
    return "".join(map(_cell, range(len(values)), values))


def _head(column: int, title: str) -> str:
    return f"<th{_side(column)}>{escape(title)}</th>"


def _cell(column: int, value: str) -> str:
    return f"<td{_side(column)}>{escape(value)}</td>"


def _side(column: int) -> str:
    side = "left" if TITLES[column] in WORDS else "right"
    return f' style="text-align:{side};padding:.2em .6em;white-space:nowrap"'
