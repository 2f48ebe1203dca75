"""A signal ends a run at once; what is finished stays."""

import os
import signal
import time

import pytest

from kmeans_lab.store.store import Store
from processes import alive, begin, children, wait_until

pytestmark = pytest.mark.torture


@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize(("whom", "pause"), [("process", 4.0), ("group", 4.0), ("group", 0.7)])
def test_a_signal_is_heard_within_about_a_second(
    spec, tmp_path, backend, number, code, whom, pause, tally
):
    """At work, or while worker processes begin; in a terminal they hear it too."""
    process = begin(spec, tmp_path, "--jobs", "2", "--backend", backend)
    wait_until(lambda: (tmp_path / "s1" / "spec.toml").exists())
    time.sleep(pause)
    workers = children(process.pid)
    began = time.monotonic()
    (os.killpg if whom == "group" else os.kill)(process.pid, number)
    _, errors = process.communicate()
    took = time.monotonic() - began
    assert process.returncode == code
    assert took < 3
    assert "Traceback" not in errors
    assert "what is finished stays; to go on" in errors
    wait_until(lambda: not alive(workers))
    assert not Store(tmp_path / "s1").verify()
    tally(f"seconds to stop, {number.name} to the {whom}, {backend}", round(took, 2))
