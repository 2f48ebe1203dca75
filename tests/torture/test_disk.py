"""The disk refuses: each request to write fails in turn, and nothing is lost or half there.

After SQLite's tests of I/O errors (sqlite.org/testing.html, section 3.2): let the N-th operation
fail, once and from then on, for N = 1, 2, 3 … until the work is done without a failure.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kmeans_lab.runner import runner
from studies import bits, block_of, write_points, write_spec

HERE = Path(__file__).parent
BLOCK = "/small/runs/c0000-000000000-000000004.parquet"


@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    """The shim, built."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        pytest.skip("no C compiler for the shim that lets writes fail")
    library = tmp_path_factory.mktemp("shim") / "faults.so"
    command = [compiler, "-shared", "-fPIC", "-o", library, HERE / "faults.c", "-ldl"]
    subprocess.run(command, check=True)
    return library


@pytest.fixture
def spec(tmp_path, rng, monkeypatch):
    """Five starts: one block where this process runs them, blocks of two where requests fail."""
    block_of(monkeypatch, 5)
    write_points(tmp_path, rng, n=12)
    render = '[render]\npick = ["best"]\nformat = ["png"]\n'
    return write_spec(tmp_path, runs=5, k=[2], init=["random"], more=render)


def sweep(shim, scratch, command, stride=1, before=None):
    """What was told of every case; the last one of each kind met no failure."""
    scratch.mkdir()
    asked = {"command": command, "stride": stride, "scratch": str(scratch), "before": before}
    environment = os.environ | {"LD_PRELOAD": str(shim), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, HERE / "faulty.py", json.dumps(asked)],
        env=environment, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def survived(cases, whole, doubted=()):
    """How many failures there were; each was told in a line, and the study went on to its bits.

    doubted: files that `verify` may name until then.
    """
    failures = 0
    for told in cases:
        assert "died" not in told, told
        assert (told["again"], told["bits"], told["after"]) == (0, whole, 0), told
        assert not told["left"], told
        assert {path for path, _ in told["damaged"]} <= {*doubted}, told
        if not told["met"]:
            assert told["code"] == 0, told
            continue
        failures += 1
        if told["code"]:
            assert told["code"] == 1, told
            assert "Traceback" not in "".join(told["said"]), told
            assert "small" in told["said"][-1], told
            assert re.search(
                "; (what is finished stays: )?(make room|mend it)", told["said"][-1]
            ), told
    assert failures
    return failures


def whole_of(spec, folder):
    return bits(runner.run(spec, results=folder))


RUN = ["--results", "RESULTS", "--no-report", "--jobs", "1"]


def test_some_requests_of_a_run_fail(shim, spec, tmp_path, tally):
    cases = sweep(shim, tmp_path / "cases", ["run", str(spec), *RUN], stride=23)
    tally("writes failed", survived(cases, whole_of(spec, tmp_path / "whole")))


@pytest.mark.torture
def test_every_request_of_a_run_fails_once_and_for_good(shim, spec, tmp_path, tally):
    cases = sweep(shim, tmp_path / "cases", ["run", str(spec), *RUN])
    tally("writes failed, in a run", survived(cases, whole_of(spec, tmp_path / "whole")))


@pytest.mark.torture
def test_every_request_of_a_run_of_more_starts_fails(shim, spec, tmp_path, tally):
    whole = whole_of(spec, tmp_path / "whole")
    runner.run(spec, results=tmp_path / "before", runs=3)
    before = str(tmp_path / "before")
    cases = sweep(shim, tmp_path / "cases", ["run", str(spec), *RUN], before=before)
    tally("writes failed, in a run of more starts", survived(cases, whole))


@pytest.mark.torture
@pytest.mark.parametrize(
    ("command", "stride"), [(("report",), 29), (("render",), 3), (("verify", "--repair"), 1)]
)
def test_requests_of_what_follows_a_run_fail(shim, spec, tmp_path, tally, command, stride):
    whole = whole_of(spec, tmp_path / "before")
    name, *options = command
    doubted = [BLOCK.removeprefix("/small/"), BLOCK.replace("/small/runs", "steps")] * bool(options)
    if options:
        (tmp_path / f"before{BLOCK}").write_bytes(b"")
    command = [name, "RESULTS/small", *options]
    cases = sweep(shim, tmp_path / "cases", command, stride, str(tmp_path / "before"))
    tally(f"writes failed, in {name}", survived(cases, whole, doubted))


def test_a_file_is_safe_on_the_disk_before_it_has_its_name_and_listed_after(shim, spec, tmp_path):
    """Write, fsync, rename, fsync of the folder, and only then the line in checksums.txt."""
    log = tmp_path / "log"
    script = (
        "import faulty, sys\nfrom kmeans_lab.runner import runner\n"
        "spec, results, log = sys.argv[1:]\nfaulty.arm(results, log=log)\n"
        "runner.block_size = lambda *_: 5\n"
        "runner.run(spec, results=results, jobs=1)"
    )
    environment = os.environ | {"LD_PRELOAD": str(shim)}
    environment["PYTHONPATH"] = os.pathsep.join([str(HERE), *sys.path])
    command = [sys.executable, "-c", script, spec, tmp_path / "results", log]
    subprocess.run(command, env=environment, check=True)
    asked = [line.split(" ", 1) for line in log.read_text().splitlines()]
    named = 0
    for at, (what, path) in enumerate(asked):
        if what != "rename" or not Path(path).suffix:
            continue
        named += 1
        folder, name = str(Path(path).parent), Path(path).name
        kinds = [kind for kind, other in asked[:at] if other.endswith(f"-{name}")][-3:]
        assert kinds == ["create", "write", "fsync"] or kinds[-2:] == ["write", "fsync"]
        assert asked[at + 1] == ["fsync", folder]
    assert named > 6
    block = next(at for at, each in enumerate(asked) if each == ["rename", BLOCK])
    after = [path for what, path in asked[block + 1 :] if what != "create"]
    assert after[:2] == [str(Path(BLOCK).parent), "/small/checksums.txt"]
