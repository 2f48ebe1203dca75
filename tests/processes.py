"""The command as a process of its own, to be stopped, killed and looked at."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from kmeans_lab.store.store import Store

PATIENCE = 600.0  # seconds in which whatever is waited for has come to pass

COMMAND = """
import sys
from kmeans_lab.cli import main

print("begun", flush=True)
sys.exit(main(sys.argv[1:]))
"""


def command(*words, before="", **more):
    """The command, at work in a session of its own, so that it hears signals as from a terminal.

    before: Python to be done first.
    """
    began = time.time()
    process = subprocess.Popen(
        [sys.executable, "-c", before + COMMAND, *words],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **more,
    )
    process.began = began
    return process


def begin(spec, results, *options):
    """A run without report."""
    words = "run", spec, "--results", results, "--no-report", *options
    return command(*words, stdout=subprocess.DEVNULL)


def killed(process):
    """Kill a run, and nothing that it began."""
    process.kill()
    process.stderr.close()  # its workers hold the other end
    assert process.wait() == -signal.SIGKILL


def wait_until(true, patience=PATIENCE, glance=0.02):
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline
        time.sleep(glance)


def children(pid):
    """Processes that a process began and that are there, with those they began."""
    found, parents = set(), {pid}
    table = [line.split() for line in _ps("-e", "-o", "pid=,ppid=,stat=")]
    while parents:
        parents = {int(p) for p, parent, stat in table if int(parent) in parents and stat[0] != "Z"}
        parents -= found
        found |= parents
    return found


def _ps(*options):
    return subprocess.run(
        ["ps", *options], capture_output=True, text=True, check=False
    ).stdout.splitlines()


def alive(pids):
    listed = [line.split() for line in _ps("-e", "-o", "pid=,stat=")]
    return {int(pid) for pid, stat in listed if int(pid) in pids and stat[0] != "Z"}


def shared_memory(process):
    """What a command has left in shared memory: its number is in the names.

    An earlier process that was killed may have had the same number, so it goes by the time too.
    """
    folder = Path("/dev/shm")
    there = [path for path in folder.glob("*") if str(process.pid) in re.split(r"[-_]", path.name)]
    return [path.name for path in there if _made(path) >= process.began]


def _made(path):
    try:
        return path.lstat().st_ctime
    except FileNotFoundError:  # it is gone by now
        return 0.0


def finished(spec, results, *options):
    """The study's folder when the command has ended well."""
    began = time.monotonic()
    process = begin(spec, results, *options)
    _, errors = process.communicate()
    print(f"{' '.join(options) or 'no option'}: {time.monotonic() - began:.1f} s")
    assert process.returncode == 0, errors
    folder = Path(results) / "long"
    assert not Store(folder).verify()
    return folder
