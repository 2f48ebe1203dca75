"""Run a command again and again, its N-th request to write failing; a JSON line for each time.

As a program: a preloaded shim lets requests fail (faults.c). A case is a child of one warm process.
"""

import ctypes
import errno
import io
import json
import os
import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from kmeans_lab import repair, report  # noqa: F401  loaded once, for all children
from kmeans_lab.cli import main
from kmeans_lab.errors import SpecError
from kmeans_lab.kernels._jit import warm
from kmeans_lab.report import report as reporter  # noqa: F401
from kmeans_lab.runner import runner
from kmeans_lab.store.store import Store
from kmeans_lab.study import renders  # noqa: F401
from studies import bits

SHIM = ctypes.CDLL(None)
ERRORS = (errno.ENOSPC, errno.EIO)


def arm(folder, number=0, lasting=False, error=0, log=None):
    """Let the `number`-th request below `folder` fail, once or for good; 0 for none."""
    where, what = os.fsencode(folder), log and os.fsencode(log)
    SHIM.arm(where, ctypes.c_long(number), int(lasting), error, what)


def tried(command):
    """The command's exit code, and the lines that it said."""
    said = io.StringIO()
    with redirect_stderr(said), redirect_stdout(io.StringIO()):
        code = main(command)
    return {"code": code, "said": said.getvalue().splitlines()}


def found(study):
    """What `verify` names in a study's folder, and temporary files that are there."""
    try:
        damaged = [list(damage) for damage in Store(study).verify()]
    except SpecError as none:
        damaged = [["", str(none)]] if study.exists() and any(study.glob("*/c*")) else []
    left = [str(path) for path in study.rglob("*") if ".tmp-" in str(path)]
    return {"damaged": damaged, "left": left}


def repeated(command, study):
    """What comes of the command where nothing refuses."""
    again = tried(command)["code"]
    return {"again": again, "bits": bits(study), "after": len(Store(study).verify())}


def case(command, results, number, lasting):
    """What the command said and left when its N-th request failed, and after it was repeated."""
    study = Path(results) / "small"
    arm(results, number, lasting, ERRORS[number % len(ERRORS)])
    told = {"number": number, "lasting": lasting} | tried(command)
    told["met"] = SHIM.requests() >= number
    arm("")
    return told | found(study) | repeated(command, study)


def forked(case, *arguments):
    """A case in a child of this process, which stays as it is."""
    reads, writes = os.pipe()
    if not (child := os.fork()):
        with os.fdopen(writes, "w") as pipe:
            pipe.write(json.dumps(case(*arguments)))
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    return json.loads(told) if told else {"died": status}


def sweep(command, before, scratch, stride):
    """Cases of every stride-th request, once and for good, until none is left to fail."""
    for lasting in (False, True):
        number = 1
        while True:
            results = Path(scratch) / f"{number}-{lasting}"
            shutil.copytree(before, results) if before else results.mkdir()
            asked = [word.replace("RESULTS", str(results)) for word in command]
            told = forked(case, asked, str(results), number, lasting)
            print(json.dumps(told), flush=True)
            shutil.rmtree(results)
            if not told.get("met"):
                break
            number += stride


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    runner.block_size = lambda *_: 2
    warm(lambda text: None)
    sweep(asked["command"], asked["before"], asked["scratch"], asked["stride"])
