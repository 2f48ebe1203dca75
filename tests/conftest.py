"""What every test shares: one source of seeds, one Hypothesis profile, the reference data."""

import shutil
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

# What a shell begins in the background ignores Ctrl-C; these tests and what they begin hear it
# wherever they run.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadline: a kernel's first call may compile it. Derandomized: a red test stays red.
settings.register_profile(
    "lab", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("lab")

TALLY = "tally"
NAMESPACES = (["unshare", "-rm"], ["unshare", "-m"])  # of a user's own, or of root's


@pytest.fixture
def rng():
    """The tests' only source of random numbers."""
    return np.random.default_rng(20_261_123)


@pytest.fixture(scope="session")
def iris2():
    """Iris sepal length and width, (150, 2) float64 in cm, read-only."""
    from sklearn.datasets import load_iris

    X = np.ascontiguousarray(load_iris().data[:, :2])
    X.setflags(write=False)
    return X


@pytest.fixture(scope="session")
def reference():
    """Folder of published figures and data sets; where it is missing its tests are left out."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no reference data beside the checkout")
    return folder


@pytest.fixture(scope="session")
def namespace(tmp_path_factory):
    """How to begin a program that may mount a disk."""
    disk = tmp_path_factory.mktemp("disk")
    for begin in NAMESPACES if shutil.which("unshare") else ():
        command = [*begin, "mount", "-t", "tmpfs", "none", disk]
        if not subprocess.run(command, capture_output=True, check=False).returncode:
            return begin
    pytest.skip("no disk of some kilobytes: neither `unshare -rm` nor `unshare -m` may mount one")


@pytest.fixture
def tally(record_property):
    """Says what a test went through, such as tally("kills survived", 212): printed at the end."""
    return lambda what, count: record_property(TALLY, f"{what}: {count}")


def pytest_terminal_summary(terminalreporter):
    told = [
        text
        for report in terminalreporter.stats.get("passed", [])
        for name, text in getattr(report, "user_properties", ())
        if name == TALLY
    ]
    if told:
        terminalreporter.section("counts")
        terminalreporter.write("\n".join(told) + "\n")
