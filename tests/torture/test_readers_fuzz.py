"""Whatever the files of a study hold, it is read or refused in a line, and nothing else happens."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import matplotlib
import pytest

import kmeans_lab as kl
from kmeans_lab.kernels._jit import cache_folder
from kmeans_lab.reference import references
from studies import block_of, files_in, write_points, write_spec

READING = Path(__file__).with_name("reading.py")
AT_ONCE = 200  # cases of one process
MORE = '[render]\npick = ["best"]\nformat = ["png"]\n[reference]\nseconds = 0.05\n'


@pytest.fixture
def made(tmp_path, rng, monkeypatch):
    """A finished study of two blocks, with a reference."""
    folder = tmp_path / "made"
    folder.mkdir()
    write_points(folder, rng, n=20)
    block_of(monkeypatch, 3)
    spec = write_spec(folder, runs=6, k=[2], init=["random"], more=MORE)
    study = kl.run(spec, results=folder, jobs=1)
    references.complete(study.store, print)
    return study.folder


@pytest.fixture
def around(tmp_path):
    """Where a study is read: a working directory, a home and another folder, all to stay so."""
    for name in ("here", "home", "out"):
        (tmp_path / name).mkdir()
        for kind in ("parquet", "gif", "html"):
            (tmp_path / name / f"kept.{kind}").write_text(name)
    return tmp_path


def reads(made, around, seed, cases):
    """What a process said of each case."""
    own = {"HOME": str(around / "home"), "MPLCONFIGDIR": matplotlib.get_cachedir()}
    told = subprocess.run(
        [sys.executable, READING, made, around / "results", str(seed), str(cases)],
        cwd=around / "here",
        env=os.environ | own | {"KMEANS_LAB_CACHE": str(cache_folder())},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert told.returncode == 0, (lines[-1], told.stderr)
    assert not [line["error"] for line in lines if "error" in line], lines
    return [line for line in lines if "codes" in line]


def fuzzed(made, around, cases, tally):
    def outside():
        return {name: x for name, x in files_in(around).items() if not name.startswith("results/")}

    before, seen, files = outside(), Counter(), Counter()
    for seed in range(0, cases, AT_ONCE):
        for told in reads(made, around, seed, min(AT_ONCE, cases - seed)):
            seen["read" if told["codes"][0] == "0" else "refused"] += 1
            files[told["file"].partition("/")[0].partition(".")[0]] += 1
        assert outside() == before
    assert sum(seen.values()) == cases
    for what, count in sorted(seen.items()):
        tally(f"studies with a file of nonsense, {what} by Python", count)
    return files


def test_some_nonsense(made, around, tally):
    fuzzed(made, around, 9, tally)


@pytest.mark.torture
def test_whatever_the_files_hold(made, around, tally):
    files = fuzzed(made, around, 1200, tally)
    assert files.keys() == {"runs", "steps", "data", "study", "spec", "checksums", "reference"}
