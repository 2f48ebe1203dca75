"""Shards of a study, run by programs that know of each other only through its folder."""

import fcntl
import os
import shlex
import signal
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_lab import files
from kmeans_lab.cli import main
from kmeans_lab.errors import RunError, SpecError
from kmeans_lab.runner import runner
from kmeans_lab.spec.plan import Shard, cells, ids
from kmeans_lab.spec.spec import Spec
from kmeans_lab.store.ledger import SHARDS as SHARED
from kmeans_lab.store.store import Store
from studies import bits, block_of, files_in, write_points, write_spec

SCRIPT = Path(__file__).parents[1] / "experiments" / "cluster" / "array.sbatch"
# Shards of a study one after the other, the last of which dies when the disk is asked again.
SHARDS = """
import os, signal, sys
from kmeans_lab.runner import runner

spec, results, number, *shards = sys.argv[1:]
left = int(number)

def counted(call):
    def ask(*arguments):
        global left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments)
    return ask

os.fsync = counted(os.fsync)
runner.block_size = lambda *_: 2
for shard in shards:
    runner.run(spec, results=results, jobs=1, shard=shard)
"""


@given(runs=st.integers(1, 60), of=st.integers(1, 70), k=st.lists(st.integers(1, 9), min_size=1))
def test_shares_are_disjoint_and_all_there_is(runs, of, k):
    asked = {"runs": runs, "data": [{"source": "iris"}]}
    spec = Spec(name="s", grid={"k": sorted({*k}), "init": ["random", "first"]}, **asked)
    shards = [Shard(number, of).ids(spec) for number in range(1, of + 1)]
    together = np.concatenate(shards)
    assert sorted(together) == sorted(np.concatenate([ids(spec, cell) for cell in cells(spec)]))
    sizes = [len(shard) for shard in shards]
    assert max(sizes) - min(sizes) <= len(cells(spec))


def test_a_block_is_its_share_s_or_meets_several():
    spec = Spec(name="s", runs=100, data=[{"source": "iris"}], grid={"k": [3], "init": ["random"]})
    shard = Shard(2, 4)
    owned, met = "c0000-000000025-000000049", "c0000-000000049-000000050"
    assert (shard.owns(spec, owned), shard.meets(spec, owned)) == (True, True)
    assert (shard.owns(spec, met), shard.meets(spec, met)) == (False, True)
    for name in ("c0000-000000050-000000060", "c0001-000000025-000000049", "schema"):
        assert not shard.owns(spec, name)
        assert not shard.meets(spec, name)


@pytest.fixture
def spec(tmp_path, rng):
    write_points(tmp_path, rng)
    return write_spec(tmp_path, runs=37, init=["random", "kkz"])


def test_sixteen_shares_in_any_order_two_of_them_killed_are_the_study(spec, tmp_path, rng):
    whole = bits(runner.run(spec, results=tmp_path / "whole"))
    results = tmp_path / "shared"
    order = [f"{number}/16" for number in rng.permutation(16) + 1]
    begun = [
        subprocess.Popen([sys.executable, "-c", SHARDS, spec, results, number, *shards])
        for number, shards in (("25", order[:8]), ("31", order[8:]))
    ]
    assert [process.wait() for process in begun] == [-signal.SIGKILL] * 2
    store = Store(results / "small")
    assert 0 < len(store.done()) < 2 * 37 + 2
    for shard in order:
        runner.run(spec, results=results, shard=shard)
    assert bits(store.folder) == whole
    runner.run(spec, results=results)
    assert not store.verify()
    assert not [name for name in files_in(store.folder) if "/." in f"/{name}"]
    assert not (store.folder / SHARED).exists()


def test_a_study_that_cannot_be_laid_out_is_told_at_once(spec, tmp_path):
    folder = runner.run(spec, results=tmp_path)
    (folder / "spec.toml").unlink()
    with pytest.raises(RunError, match=r"holds starts but no spec\.toml; .* --repair"):
        runner.run(spec, results=tmp_path, shard="1/2")


def test_each_computes_its_own_and_no_other(spec, tmp_path, capsys):
    folder = tmp_path / "small"
    for number, there in ((3, 26), (1, 51), (3, 51), (2, 76)):
        arguments = ["run", str(spec), "--results", str(tmp_path), "--shard", f"{number}/3"]
        assert main(arguments) == 0
        assert len(Store(folder).done()) == there
    again = ["kmeans-lab", "run", str(spec), "--results", str(tmp_path)]
    assert f"once all are done: {shlex.join(again)}\n" in capsys.readouterr().err
    assert not (folder / "report.html").exists()


def test_a_shard_answers_for_its_own_starts(spec, tmp_path, capsys):
    (spec.parent / "mine.py").write_text(
        "def init(X, k, random_state):\n"
        "    if random_state.random() < 0.43:\n"
        "        raise ValueError('not today')\n"
        "    return X[:k]\n"
    )
    spec = write_spec(spec.parent, runs=2, k=[2], init=["mine:init"])
    codes = {}
    for number in (1, 2):
        words = ["run", str(spec), "--results", str(tmp_path), "--runs", "4"]
        codes[number] = main([*words, "--shard", f"{number}/2"])
        said = capsys.readouterr().err
        store = Store(tmp_path / "small")
        own = Shard(number, 2).ids(store.spec())
        failed = np.intersect1d(own, store.failed()["run"].to_numpy())
        assert codes[number] == bool(len(failed))
        assert (f"{len(failed)} of 2 starts in" in said) == bool(len(failed))
        again = shlex.join(["kmeans-lab", *words])
        assert f"once all are done: {again}\n" in said
        assert (f"{again} --shard {number}/2 --retry" in said) == bool(len(failed))
    assert codes == {1: 1, 2: 0}


def test_locks_are_of_files_that_nfs_tells_other_machines(spec, tmp_path, monkeypatch):
    """Of a folder it tells none; alone is who may write the file, see Linux's nfs(5)."""
    held = []

    def flock(file, kind, lock=fcntl.flock):
        held.append(kind & ~fcntl.LOCK_NB)
        may = fcntl.fcntl(file, fcntl.F_GETFL) & os.O_ACCMODE
        assert stat.S_ISREG(os.fstat(file.fileno()).st_mode)
        assert may == os.O_RDWR or (may == os.O_RDONLY and held[-1] == fcntl.LOCK_SH)
        return lock(file, kind)

    monkeypatch.setattr(files.fcntl, "flock", flock)
    for number in (1, 2):
        runner.run(spec, results=tmp_path, shard=f"{number}/2")
    store = Store(runner.run(spec, results=tmp_path))
    with store.at_work(), store.alone():
        assert not store.verify()
    assert {*held} == {fcntl.LOCK_EX, fcntl.LOCK_SH}


def test_starts_of_a_run_as_a_whole_are_not_run_again(spec, tmp_path, monkeypatch):
    block_of(monkeypatch, 15)  # over the borders of shards
    runner.run(spec, results=tmp_path, runs=20)
    for number in range(1, 6):
        runner.run(spec, results=tmp_path, shard=f"{number}/5")
    store = Store(tmp_path / "small")
    assert store.done().tolist() == sorted(
        np.concatenate([ids(store.spec(), cell) for cell in cells(store.spec())])
    )
    assert not store.verify()


@pytest.mark.parametrize("shard", ["17/16", "0/3", "3", "a/b", "1/0", "-1/3", "1/3/5", ""])
def test_a_share_that_is_none_is_refused(spec, tmp_path, shard):
    with pytest.raises(SpecError, match="allowed: i/N with i from 1 to N"):
        runner.run(spec, results=tmp_path, shard=shard)
    assert not (tmp_path / "small").exists()


def test_refusals(spec, tmp_path):
    auto = write_spec(tmp_path, more="", runs='"auto"', name="auto")
    with pytest.raises(SpecError, match="cannot be run in shards"):
        runner.run(auto, results=tmp_path, shard="1/2")
    spec = write_spec(tmp_path, runs=8)
    with pytest.raises(SpecError, match="fresh"):
        runner.run(spec, results=tmp_path, shard="1/2", fresh=True)
    runner.run(spec, results=tmp_path, shard="1/2")
    other = write_spec(tmp_path, runs=8, k=[4])
    with pytest.raises(SpecError, match="is another study than"):
        runner.run(other, results=tmp_path, shard="2/2")


def test_another_number_of_shares_or_the_whole_waits_for_those_at_work(spec, tmp_path, monkeypatch):
    monkeypatch.setattr("kmeans_lab.runner.shards.PATIENCE", 0.0)
    store = Store(runner.run(spec, results=tmp_path, shard="1/3"))
    with store.lock_shard("1-of-3"):
        for shard in ("1/3", "1/4", None):
            with pytest.raises(RunError, match="is in use by another run"):
                runner.run(spec, results=tmp_path, shard=shard)
        runner.run(spec, results=tmp_path, shard="2/3")
    with store.lock(), pytest.raises(RunError, match="is in use by another run"):
        runner.run(spec, results=tmp_path, shard="2/3")
    runner.run(spec, results=tmp_path, shard="1/4")
    assert Store(Path(tmp_path) / "small").about()["shards"] == 4


@pytest.mark.parametrize("number", [3, 16])
def test_the_slurm_script_runs_its_share(spec, tmp_path, number):
    environment = {"SLURM_ARRAY_TASK_ID": str(number), "SLURM_CPUS_PER_TASK": "2"}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = ["bash", SCRIPT, spec, tmp_path / "shared folder"]
    subprocess.run(command, env=os.environ | environment | {"PATH": path}, check=True)
    store = Store(tmp_path / "shared folder" / "small")
    assert store.done().tolist() == sorted(Shard(number, 16).ids(store.spec()))


def test_the_slurm_script_says_what_it_lacks(tmp_path):
    for arguments, told in (
        ([], "the spec is missing"),
        (["a.toml"], "this is for sbatch --array"),
    ):
        done = subprocess.run(
            ["bash", SCRIPT, *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode
        assert told in done.stderr
