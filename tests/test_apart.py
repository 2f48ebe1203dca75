"""A user's initializer that kills or holds its process: its starts are errors, the rest as ever."""

import textwrap
from collections import Counter

import numpy as np
import pytest

import kmeans_lab as kl
from kmeans_lab.errors import SpecError
from kmeans_lab.runner import runner
from kmeans_lab.spec import apart
from kmeans_lab.spec.apart import LIMIT, TRIES, Apart
from kmeans_lab.spec.callables import load_initializer
from kmeans_lab.store.store import Store
from processes import wait_until

WELL = """
def own(X, n_clusters, random_state):
    return X[random_state.permutation(len(X))[:n_clusters]]
"""
# What a bad start does, by its seed; each call leaves a line with the seed and the process.
ILL = """
import ctypes, mmap, os, signal, sys, time
from pathlib import Path
import numpy as np

BAD = {bad!r}
LOG = Path({log!r})

def own(X, n_clusters, random_state):
    seed = int(random_state.get_state()[1][0])
    with LOG.open("a") as log:
        log.write(f"{{seed}} {{os.getpid()}}\\n")
    exec(BAD.get(seed, ""))
    return X[random_state.permutation(len(X))[:n_clusters]]
"""
TWICE = f", {TRIES} times"
BAD = {
    2: ("ctypes.string_at(0)", f"its process was ended by SIGSEGV{TWICE}"),
    3: ("os._exit(3)", f"its process ended with exit status 3{TWICE}"),
    5: ("os.kill(os.getpid(), 9)", f"its process was ended by SIGKILL{TWICE}"),
    7: (
        "mmap.mmap(-1, 4 * os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') + (8 << 30),"
        " mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)",  # MAP_NORESERVE: granted, if any may
        "OSError: [Errno 12] Cannot allocate memory",
    ),
    8: ("bytearray(1 << 60)", "MemoryError: "),
    11: ("time.sleep(1e6)", "it did not come back within 1 s"),
    13: ("while True: pass", "it did not come back within 1 s"),
    14: ("sys.exit('no')", "SystemExit: no"),
}
SPEC = """
name = "mine"
runs = 16
[[data]]
source = "iris"
columns = [0, 1]
[grid]
k = [3]
init = ["own:own"]
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A spec with a user's own initializer; what it does is its source."""
    monkeypatch.setenv(LIMIT, "1")
    apart.apart_of.cache_clear()
    (tmp_path / "spec.toml").write_text(SPEC)

    def write(source):
        (tmp_path / "own.py").write_text(textwrap.dedent(source))
        return tmp_path

    yield write
    apart.apart_of.cache_clear()


@pytest.fixture
def ill(own, tmp_path):
    """An initializer that does what `bad` says, and the calls of it, seed by seed."""

    def ill(bad):
        folder = own(ILL.format(bad=bad, log=str(tmp_path / "log")))
        return folder, lambda: [*map(str.split, (tmp_path / "log").read_text().splitlines())]

    return ill


def rows(study):
    columns = ["run", "seed", "status", "n_iter", "inertia", "partition", "centers", "labels"]
    return study.runs.set_index("run")[columns[1:]]


@pytest.mark.parametrize("jobs", [1, 2])
def test_starts_that_kill_or_hold_their_process_are_errors_and_the_rest_as_ever(
    own, ill, jobs, monkeypatch
):
    monkeypatch.setattr(runner, "block_size", lambda *_: 8)
    folder = own(WELL)
    well = rows(kl.run(folder / "spec.toml", results=folder / "well", backend="threading"))
    ill({seed: deed for seed, (deed, _) in BAD.items()})
    asked = {"results": folder / "ill", "backend": "loky", "jobs": jobs}
    study = kl.run(folder / "spec.toml", **asked)
    notes = study.runs.set_index("seed")["note"].dropna()
    assert {seed: note for seed, note in notes.items() if note} == {
        seed: note for seed, (_, note) in BAD.items()
    }
    assert set(study.runs["seed"][study.runs["status"] == "error"]) == set(BAD)
    good = ~well["seed"].isin(BAD)
    assert rows(study)[good].equals(well[good])
    assert not Store(study.folder).verify()
    own(WELL)
    assert rows(kl.run(folder / "spec.toml", **asked, retry=True)).equals(well)


def test_a_start_is_begun_so_often_and_no_more(ill, iris2):
    folder, calls = ill(dict.fromkeys(range(4), "os._exit(1)"))
    initializer = load_initializer("own:own", folder, apart=True)
    given = initializer(iris2, 3, np.arange(6))
    assert [bool(note) for note in given.notes] == [True] * 4 + [False] * 2
    assert Counter(seed for seed, _ in calls()) == {
        str(seed): TRIES if seed < 4 else 1 for seed in range(6)
    }
    assert len({process for _, process in calls()}) == 4 * TRIES + 1


def test_a_process_that_another_killed_is_begun_again_and_the_start_is_none_of_the_worse(
    ill, iris2, tmp_path
):
    once = "(LOG.parent / 'once').exists() or ((LOG.parent / 'once').touch(), os._exit(9))"
    folder, _ = ill({1: once})
    given = load_initializer("own:own", folder, apart=True)(iris2, 3, np.arange(3))
    assert given.notes == [""] * 3
    assert (tmp_path / "once").exists()


def test_it_gives_what_the_same_function_gives_here(own, iris2):
    folder = own(WELL)
    here, there = (load_initializer("own:own", folder, apart=apart) for apart in (False, True))
    for X in (iris2, iris2[::-1].copy()):
        wanted, given = here(X, 3, np.arange(4)), there(X, 3, np.arange(4))
        assert given.notes == wanted.notes
        np.testing.assert_array_equal(given.centers, wanted.centers)


def test_its_process_ends_with_it_and_after_ctrl_c_answers_no_other_question(
    own, iris2, monkeypatch
):
    def interrupted(*_):
        raise KeyboardInterrupt

    folder = own("import time\n" + WELL)
    call = Apart("own:own", folder, "")
    first, second = call(iris2, 3, 0), call(iris2, 3, 1)
    process = call.process
    with monkeypatch.context() as patch:
        patch.setattr(apart.Connection, "poll", interrupted)
        with pytest.raises(KeyboardInterrupt):
            call(iris2, 3, 1)
    np.testing.assert_array_equal(call(iris2, 3, 0), first)
    np.testing.assert_array_equal(call(iris2, 3, 1), second)
    wait_until(lambda: process.poll() is not None)
    process = call.process
    del call
    wait_until(lambda: process.poll() is not None)


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan", "inf", "1e9"])
def test_a_limit_that_is_none_is_refused(own, monkeypatch, text):
    monkeypatch.setenv(LIMIT, text)
    with pytest.raises(SpecError, match=f"{LIMIT} is '{text}'; allowed: seconds, above 0"):
        load_initializer("own:own", own(WELL), apart=True)


@pytest.mark.torture
def test_hundreds_of_starts_with_one_in_ten_that_kills_or_holds_its_process(own, ill, tally):
    folder = own(WELL)
    (folder / "spec.toml").write_text(SPEC.replace("runs = 16", "runs = 400"))
    well = rows(kl.run(folder / "spec.toml", results=folder / "well", backend="threading"))
    deeds = [deed for deed, _ in BAD.values()]
    bad = {seed: deeds[seed // 10 % len(deeds)] for seed in range(3, 400, 10)}
    ill(bad)
    study = kl.run(folder / "spec.toml", results=folder / "ill", backend="loky", jobs=2)
    good = ~well["seed"].isin(bad)
    assert set(study.runs["seed"][study.runs["status"] == "error"]) == set(bad)
    assert rows(study)[good].equals(well[good])
    tally("starts that killed or held their process", len(bad))
    tally("starts beside them that came out as ever", int(good.sum()))
