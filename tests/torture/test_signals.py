"""A signal ends whatever the command does: at once, in one line, with nothing half there."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress

import numpy as np
import pytest

from kmeans_lab.runner import runner
from kmeans_lab.store.store import Store
from processes import alive, children, command, shared_memory, wait_until
from studies import bits, write_points, write_spec

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
WORK = {
    "run": ["run", "SPEC", "--results", "RESULTS"],  # all starts are there: report and renders
    "report": ["report", "STUDY"],
    "render": ["render", "STUDY", "--format", "html,gif,mp4,png"],
    "advise": ["advise", "POINTS", "--k", "9", "--seconds", "3"],
    "verify": ["verify", "STUDY", "--repair"],
    "portrait": ["portrait", "STUDY", "--film"],
    "still": ["portrait", "STUDY", "--resolution", "100"],
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with points, a spec and its finished study, without report."""
    folder = tmp_path_factory.mktemp("made")
    rng = np.random.default_rng(20_261_123)
    write_points(folder, rng)
    np.save(folder / "many.npy", rng.normal(size=(20_000, 4)))
    spec = write_spec(folder, runs=60, k=[3], init=["random"])
    runner.run(spec, results=folder / "results")
    return folder


@pytest.fixture
def prepared(made, tmp_path):
    """Gives a command's words, and a copy of the study that it is to work upon."""
    copy = tmp_path / "copy"

    def prepare(name):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(made, copy)
        study = copy / "results" / "small"
        for path in (study / "runs").glob("c*.parquet") if name == "verify" else ():
            path.write_bytes(b"")
        places = {"SPEC": copy / "spec.toml", "RESULTS": copy / "results", "STUDY": study}
        places["POINTS"] = copy / "many.npy"
        return [places.get(word, word) for word in WORK[name]], study

    return prepare


def begun(words, folder, **environment):
    """The command at work, its temporary files in a folder of its own, which is given too."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    environment = os.environ | {"TMPDIR": str(folder)} | environment
    process = command(*words, env=environment, stdout=subprocess.PIPE)
    assert process.stdout.readline() == "begun\n"
    return process


def stopped(process, number, temporary):
    """Seconds that a signal took to end a command, which left in one line; None: it was over."""
    there = children(process.pid)
    began = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    took = time.monotonic() - began
    if process.returncode in (0, -number):  # it was leaving, and Python hears no more by then
        return None
    assert process.returncode == CODES[number], said
    assert took < 2 or os.getloadavg()[0] > os.cpu_count()
    assert sum("interrupted; " in s or "terminated; " in s for s in said.splitlines()) == 1, said
    assert "Traceback" not in said, said
    assert "ignored" not in said, said
    wait_until(lambda: not alive(there))
    assert not shared_memory(process)
    assert [*temporary.iterdir()] == []
    return took


def length(words, temporary):
    """Seconds that the command takes."""
    process, began = begun(words, temporary), time.monotonic()
    _, said = process.communicate()
    assert process.returncode == 0, said
    return time.monotonic() - began


def check(study, damaged):
    """Nothing in the study is half there, and what `verify` names was damaged before."""
    assert not [path for path in study.rglob("*") if ".tmp-" in path.name]
    assert {path for path, _ in Store(study).verify()} <= damaged


def sweep(name, prepared, temporary, rng, numbers):
    """Signals at random moments of one kind of work, which is then done; seconds that each took."""
    words, study = prepared(name)
    span, whole, took = length(words, temporary), bits(study), []
    for number in numbers:
        words, study = prepared(name)
        damaged = {path for path, _ in Store(study).verify()}
        damaged |= {path.replace("runs", "steps") for path in damaged}  # of whole blocks made again
        process = begun(words, temporary)
        with suppress(subprocess.TimeoutExpired):
            process.wait(rng.uniform(0.02, 0.9) * span)
        if (seconds := stopped(process, number, temporary)) is None:
            assert not Store(study).verify()
            continue
        took.append(seconds)
        check(study, damaged)
        length(words, temporary)
        assert not Store(study).verify()
        assert bits(study) == whole
    assert 2 * len(took) >= len(numbers)
    return took


def test_a_signal_is_heard_while_kernels_compile(prepared, tmp_path, tally):
    took = []
    for number in sorted(CODES):
        words, study = prepared("run")
        process = begun([*words, "--runs", "999"], tmp_path / "t", KMEANS_LAB_CACHE=str(tmp_path))
        assert "compiling the kernels" in process.stderr.readline()
        took.append(stopped(process, number, tmp_path / "t"))
        check(study, set())
    tally("seconds to stop while kernels compile, at most", round(max(took), 2))


def test_a_signal_is_heard_while_a_portrait_is_drawn(prepared, tmp_path, rng, tally):
    took = sweep("still", prepared, tmp_path / "t", rng, [signal.SIGTERM])
    tally("seconds to stop while a portrait is drawn", round(took[0], 2))


@pytest.mark.torture
def test_a_signal_is_heard_at_any_moment_of_compiling(prepared, tmp_path, rng, tally):
    took = []
    for number in sorted(CODES) * 8:
        words, study = prepared("run")
        process = begun([*words, "--runs", "999"], tmp_path / "t", KMEANS_LAB_CACHE=str(tmp_path))
        assert "compiling the kernels" in process.stderr.readline()
        with suppress(subprocess.TimeoutExpired):
            process.wait(rng.uniform(0, 20))
        took.append(stopped(process, number, tmp_path / "t"))
        check(study, set())
    tally(f"signals while kernels compile: {len(took)}, seconds at most", round(max(took), 2))


@pytest.mark.torture
@pytest.mark.parametrize("name", WORK)
def test_a_signal_is_heard_at_any_moment_of_other_work(name, prepared, tmp_path, rng, tally):
    took = sweep(name, prepared, tmp_path / "t", rng, sorted(CODES) * 5)
    tally(f"signals in {name}: {len(took)}, seconds at most", round(max(took), 2))
