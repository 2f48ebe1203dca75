"""The long study that torture is done to."""

import pytest

from processes import finished
from studies import bits


@pytest.fixture(scope="session")
def runs():
    """So many starts has the long study."""
    return 96


@pytest.fixture(scope="session")
def spec(tmp_path_factory, reference, runs):
    """s1, 5000 points in 15 clusters: every step with its labels and its exact silhouette."""
    path = tmp_path_factory.mktemp("spec") / "s1.toml"
    path.write_text(
        f'name = "s1"\nruns = {runs}\n[[data]]\nsource = "{reference / "s1.csv"}"\n'
        '[grid]\nk = [15]\ninit = ["random"]\n'
        '[record]\nlabels = "all"\nsilhouette = "exact"\n'
    )
    return path


@pytest.fixture(scope="session")
def expected(spec, tmp_path_factory):
    """The bits of the study, run in one piece by two threads."""
    return bits(finished(spec, tmp_path_factory.mktemp("expected"), "--jobs", "2"))
