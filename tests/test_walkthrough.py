"""The walkthrough notebook runs from top to bottom and shows what it tells of."""

from pathlib import Path

import nbclient
import nbformat
import pytest

NOTEBOOK = Path(__file__).parents[1] / "experiments" / "walkthrough.ipynb"


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The notebook with its outputs, run in an empty folder."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    where = {"metadata": {"path": str(tmp_path_factory.mktemp("walkthrough"))}}
    nbclient.NotebookClient(notebook, timeout=240, resources=where).execute()
    return notebook


def outputs(notebook, wanted):
    """Outputs of one kind of the cell whose source holds `wanted`."""
    cell = next(c for c in notebook.cells if c.cell_type == "code" and wanted in c.source)
    return [output.get("data", {}) for output in cell.outputs]


def test_nothing_is_written_to_the_streams_of_errors(executed):
    streams = [o for c in executed.cells for o in c.get("outputs", []) if o.output_type == "stream"]
    assert [stream.text for stream in streams if stream.name == "stderr"] == []


def test_a_study_shows_its_card(executed):
    (data,) = [d for d in outputs(executed, "kl.run(spec)") if "text/html" in d]
    assert "success" in data["text/html"]


@pytest.mark.parametrize(
    "call",
    ['figure("data"', 'figure("optima"', 'figure("restarts"', "study.portrait", 'figure("ways"'],
)
def test_figures_show_themselves(executed, call):
    assert any("image/png" in data for data in outputs(executed, call))


@pytest.mark.parametrize("call", ['animate("seed=128"', 'animate("best"', "to_jshtml"])
def test_films_show_themselves(executed, call):
    (data,) = outputs(executed, call)
    assert len(data["text/html"]) > 10_000


def test_the_committed_notebook_has_no_outputs():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not [cell for cell in notebook.cells if cell.get("outputs")]
