"""A signal ends a run at once; what is finished stays."""

import os
import signal
import subprocess
import sys
import time

import pytest

from kmeans_lab.runner import workers
from kmeans_lab.store.store import Store
from processes import alive, begin, children, killed, shared_memory, wait_until

BLOCKED = """
from signal import SIG_BLOCK, SIGINT, SIGTERM, pthread_sigmask

print(len({SIGINT, SIGTERM} & pthread_sigmask(SIG_BLOCK, ())))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_while_workers_begin_is_heard_after(number):
    heard = []
    before = signal.signal(number, lambda number, frame: heard.append(number))
    try:
        with workers._deaf():
            os.kill(os.getpid(), number)
            told = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, check=True)
        assert heard == [number]
        assert int(told.stdout) == 2
    finally:
        signal.signal(number, before)


@pytest.mark.torture
@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize(("whom", "blocks"), [("process", 1), ("group", 1), ("group", 0)])
def test_a_signal_is_heard_within_about_a_second(
    spec, tmp_path, backend, number, code, whom, blocks, tally
):
    """At work, or while worker processes begin; in a terminal they hear it too."""
    store = Store(tmp_path / "long")
    process = begin(spec, tmp_path, "--jobs", "2", "--backend", backend, "--runs", "9999")
    wait_until(lambda: store.exists() and len(store.names()) >= blocks)
    begun = children(process.pid)
    began = time.monotonic()
    (os.killpg if whom == "group" else os.kill)(process.pid, number)
    _, errors = process.communicate(timeout=60)
    took = time.monotonic() - began
    assert process.returncode == code
    assert took < 2 or os.getloadavg()[0] > os.cpu_count()
    assert "Traceback" not in errors
    assert "what is finished stays; to go on" in errors
    wait_until(lambda: not alive(begun))
    assert not Store(tmp_path / "long").verify()
    tally(f"seconds to stop, {number.name} to the {whom}, {backend}", round(took, 2))


@pytest.mark.torture
def test_the_workers_of_a_killed_run_end_and_leave_nothing(spec, tmp_path, tally):
    store = Store(tmp_path / "long")
    process = begin(spec, tmp_path, "--jobs", "2", "--backend", "loky", "--runs", "9999")
    wait_until(lambda: store.names() or process.poll() is not None)
    begun = children(process.pid)
    assert len(begun) >= 2
    killed(process)
    wait_until(lambda: not alive(begun), patience=5)
    wait_until(lambda: not shared_memory(process), patience=5)
    tally("worker processes of a killed run, gone within 5 seconds", len(begun))
