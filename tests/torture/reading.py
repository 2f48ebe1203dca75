"""Read a study again and again, a file of it being nonsense; a JSON line for each time.

As a program: STUDY FOLDER SEED CASES. Each case is a copy in FOLDER, read by all that reads.
"""

import io
import json
import resource
import shutil
import sys
import traceback
import warnings
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np

import kmeans_lab as kl
from kmeans_lab.cli import main
from kmeans_lab.errors import DamageError, DataError, RunError, SpecError
from nonsense import nonsense, signed

READ = ("runs/", "steps/", "data/", "study.json", "checksums.txt", "spec.toml", "reference.parquet")
TABLES = ("runs", "steps", "optima", "richness", "reference")
ROOM = 6 << 30  # bytes of address space: what asks for more is refused
SELDOM = 10  # what writes is asked once in so many cases


def changed(study, rng):
    """Let one file be another; gives its name and how checksums.txt took it."""
    names = sorted(path.relative_to(study).as_posix() for path in study.rglob("*"))
    names = [name for name in names if name.startswith(READ) and (study / name).is_file()]
    name = names[rng.integers(len(names))]
    (study / name).write_bytes(nonsense(name, (study / name).read_bytes(), rng))
    how = ["signed", "gone", "left"][rng.integers(3)]
    if name != "checksums.txt":
        signed(study, how)
    return name, how


def command(*words):
    """A command's exit code; what is amiss with it otherwise."""
    said = io.StringIO()
    with redirect_stderr(said), redirect_stdout(io.StringIO()):
        code = main([*map(str, words)])
    lines = said.getvalue().splitlines()
    assert code in (0, 1, 2), code
    assert (code == 0 or words[0] == "verify") or len(lines) > 0
    assert all(line.startswith("kmeans-lab: ") for line in lines), lines
    return code


def python(study):
    """Whether Python reads the study; it may refuse to with an error of the lab's."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DamageError)
            opened = kl.open(study)
            for table in TABLES:
                getattr(opened, table)
            opened.summary()
            opened.dataset("points")
            opened.trace(run=1)
    except (SpecError, DataError, RunError) as refused:
        return len(str(refused).splitlines())
    return 0


def read(study, often):
    """Exit codes of all that reads a study, in one word."""
    codes = [python(study), command("status", study), command("verify", study)]
    codes.append(command("status", "--results", study.parent))
    if not often:
        codes.append(command("report", study))
        codes.append(command("verify", study, "--repair"))
        codes.append(command("run", study / "spec.toml", "--results", study.parent, "--no-report"))
    return "".join(map(str, codes))


def again_and_again(whole, folder, seed, cases):
    for number in range(seed, seed + cases):
        study = Path(folder) / "small"
        shutil.rmtree(study, ignore_errors=True)
        shutil.copytree(whole, study)
        name, how = changed(study, np.random.default_rng(number))
        told = {"case": number, "file": name, "how": how}
        print(json.dumps(told), flush=True)  # the last one before a signal
        try:
            told["codes"] = read(study, often=number % SELDOM)
        except BaseException:
            told["error"] = traceback.format_exc()
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
    again_and_again(*sys.argv[1:3], *map(int, sys.argv[3:]))
