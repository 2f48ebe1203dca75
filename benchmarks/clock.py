"""Time and memory of calls and of whole processes, in turn."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

PEAK_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in a unit of ru_maxrss


class Figure(NamedTuple):
    """One measured figure beside what it should be."""

    what: str
    measured: str
    value: float  # that is compared
    target: float | None = None
    least: bool = True  # the value should reach the target; else stay below it

    @property
    def met(self):
        return self.value >= self.target if self.least else self.value <= self.target


class Process(NamedTuple):
    """What a finished process took."""

    seconds: float
    cpu: float
    peak: int  # bytes; at least this process's own, whose memory it began with
    output: str
    messages: str


def seconds(call):
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def in_turn(rounds, *calls):
    """Median seconds of each call, one after the other, again and again."""
    times = [[seconds(call) for call in calls] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*times, strict=True)]


def process(*arguments):
    """Run Python with these arguments to its end. Raises RuntimeError where it fails."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as messages:
        began = time.perf_counter()
        made = subprocess.Popen([sys.executable, *arguments], stdout=output, stderr=messages)
        _, status, used = os.wait4(made.pid, 0)
        took = time.perf_counter() - began
        told = [file.seek(0) or file.read() for file in (output, messages)]
    made.returncode = os.waitstatus_to_exitcode(status)  # it is waited for already
    if made.returncode:
        raise RuntimeError((told[1].strip().splitlines() or ["no message"])[-1])
    return Process(took, used.ru_utime + used.ru_stime, used.ru_maxrss * PEAK_UNIT, *told)


def lab_command(*arguments):
    """Arguments of Python that call the `kmeans-lab` of this installation."""
    return ("-c", "import sys; from kmeans_lab.cli import main; sys.exit(main())", *arguments)
