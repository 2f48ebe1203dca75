"""The card of a study: its numbers, names as text, and no row too many."""

import re

import numpy as np
import pytest

import kmeans_lab as kl
from kmeans_lab.study import card as cards

NAME = "<script>alert(1) & $x$ 花 🌸"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("card")
    points = np.random.default_rng(0).normal(size=(60, 2))
    np.save(folder / "points.npy", points)
    (folder / "mine.py").write_text("def start(X, n_clusters, random_state):\n    return 1 / 0\n")
    return kl.run(
        kl.Spec(
            name="card",
            runs=30,
            data=[{"source": "points.npy", "name": NAME}],
            grid={"k": [2, 4], "init": ["random", "kkz", "mine:start"]},
            base=folder,
        ),
        results=folder,
    )


def rows(study):
    """Texts of the card's rows."""
    body = re.search(r"<tbody>(.*)</tbody>", study._repr_html_()).group(1)
    return [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in body.split("</tr>")[:-1]]


def test_each_cell_has_its_row_of_the_summary(study):
    summary, found = study.summary(), rows(study)
    assert [(row[1], row[2]) for row in found] == [
        (str(k), init) for k, init in zip(summary["k"], summary["init"], strict=True)
    ]
    assert [row[3] for row in found] == [str(starts) for starts in summary["starts"]]
    assert [int(r[4]) for r in found if r[4] != "–"] == [m for m in summary["optima"] if m]


def test_an_init_without_an_outcome_has_dashes(study):
    failed = [row for row in rows(study) if row[2] == "mine:start"]
    assert all(row[3:] == ["30", *["–"] * 5] for row in failed)


def test_a_deterministic_init_takes_one_start_or_never_gets_there(study):
    assert {row[7] for row in rows(study) if row[2] == "kkz"} <= {"1", "∞"}


def test_names_are_text(study):
    html = study._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1) &amp; $x$ 花 🌸" in html


def test_of_many_cells_some_are_shown_and_the_rest_counted(study, monkeypatch):
    assert "more cells" not in study._repr_html_()
    monkeypatch.setattr(cards, "MOST", 2)
    assert len(rows(study)) == 2
    assert "and 4 more cells: <code>study.summary()</code>" in study._repr_html_()
