"""Blocks computed by a scheduler's workers are those that a thread computes, whatever happens."""

import shutil
import signal
import socket
from pathlib import Path

import joblib
import pandas as pd
import psutil
import pytest
from joblib.parallel import ThreadingBackend

import kmeans_lab as kl
from kmeans_lab.errors import RunError, SpecError
from kmeans_lab.runner import crew, runner, workers
from kmeans_lab.store.store import Store
from processes import begin, wait_until
from studies import bits, block_of, write_points, write_spec

pytestmark = pytest.mark.cluster


@pytest.fixture
def usual(spec, tmp_path):
    """The bits that the study must have."""
    return bits(runner.run(spec, results=tmp_path / "usual", jobs=1))


def begun(spec, results, address, *options):
    return begin(str(spec), str(results), "--scheduler", address, *options)


def blocks(results):
    folder = Path(results) / "long" / "runs"
    return len(list(folder.glob("c*"))) if folder.is_dir() else 0


def ended(process, code=0):
    _, said = process.communicate()
    assert process.returncode == code, said
    assert "Traceback" not in said
    return said


def data_read(cluster):
    """By worker: how often it read data, and whether it then found them read."""

    def told():  # not of this module, which no worker has
        found = workers._read.cache_info()
        return found.misses, found.hits > 0

    return [*cluster.asked(told).values()]


class Meanwhile(runner.Silent):
    """Does something once some blocks are there."""

    def __init__(self, something, blocks=5):
        self.something, self.blocks, self.receipts = something, blocks, 0

    def advance(self, starts):
        self.receipts += 1
        if self.receipts == self.blocks:
            self.something()


def test_a_lost_worker_and_a_new_one_leave_the_same_bits(cluster, spec, tmp_path, monkeypatch):
    """The lost one had committed a block of which it could not tell, or was about to."""

    def lose_and_win():
        cluster.workers[0].send_signal(signal.SIGKILL)
        cluster.workers[0].wait()
        cluster.join()

    expected = bits(runner.run(spec, results=tmp_path / "usual", runs=300))
    block_of(monkeypatch, 5)
    cluster.join(2)
    asked = {"scheduler": cluster.address, "runs": 300, "progress": Meanwhile(lose_and_win)}
    folder = runner.run(spec, results=tmp_path, **asked)
    assert asked["progress"].receipts == len(Store(folder).names()) == 120
    assert bits(folder) == expected
    assert not Store(folder).verify()
    assert pd.read_parquet(folder / "runs")["run"].is_unique
    assert data_read(cluster) == [(1, True)] * 2  # once each, also by the one that came late


def test_two_of_three_workers_leave_as_they_are_asked_to(cluster, spec, tmp_path, monkeypatch):
    """As a batch system ends them; what they have at hand may take half a minute to be missed."""

    def leave():
        for worker in cluster.workers[:2]:
            worker.terminate()

    expected = bits(runner.run(spec, results=tmp_path / "usual", runs=200))
    block_of(monkeypatch, 40)
    cluster.join(3)
    asked = {"scheduler": cluster.address, "runs": 200, "progress": Meanwhile(leave, 2)}
    folder = runner.run(spec, results=tmp_path, **asked)
    assert len(Store(folder).names()) == 10
    assert bits(folder) == expected
    assert not Store(folder).verify()


def test_a_block_that_ends_every_worker_ends_the_run(cluster, tmp_path, rng, monkeypatch):
    """Dask gives a task up at the fourth worker; joblib alone would wait for it for ever."""
    copy = shutil.copytree(Path(kl.__file__).parent, tmp_path / "other" / "kmeans_lab")
    with (copy / "runner" / "workers.py").open("a") as file:
        file.write("\ndef _elsewhere(asked, task):\n    os._exit(1)\n")
    monkeypatch.setattr(workers.cluster, "check", lambda *_: None)
    block_of(monkeypatch, 100)  # one for all starts, so that it meets every worker
    write_points(tmp_path, rng, n=12)
    spec = write_spec(tmp_path, runs=9, k=[2], init=["random"])
    cluster.join(5, PYTHONPATH=str(copy.parent))
    with pytest.raises(RunError, match=r"the workers of dask failed \(KilledWorker: .*run again"):
        runner.run(spec, results=tmp_path, scheduler=cluster.address)
    folder = runner.run(spec, results=tmp_path)
    assert bits(folder) == bits(runner.run(spec, results=tmp_path / "usual"))


@pytest.mark.parametrize("threads", [1, 2])
def test_one_worker_does_it_all(cluster, spec, usual, tmp_path, monkeypatch, threads):
    """Where joblib would give a single one's work to the run's own process."""

    def refuse(*_):
        raise AssertionError("a block is computed here")

    cluster.join(threads=threads)
    monkeypatch.setattr(workers, "compute", refuse)
    folder = runner.run(spec, results=tmp_path, scheduler=cluster.address)
    assert bits(folder) == usual
    assert data_read(cluster) == [(1, True)]


def test_every_backend_leaves_the_same_bits(cluster, spec, usual, tmp_path):
    cluster.join(2)
    joblib.register_parallel_backend("mine", ThreadingBackend)
    chosen = [{"backend": "threading"}, {"backend": "loky"}, {"backend": "mine"}]
    chosen = [{**each, "jobs": 2} for each in chosen] + [{"scheduler": cluster.address}]
    try:
        for number, options in enumerate(chosen):
            assert bits(runner.run(spec, results=tmp_path / f"{number}", **options)) == usual
    finally:
        del joblib.parallel.BACKENDS["mine"]


def test_the_scheduler_holds_few_of_ten_thousand_blocks(cluster, tmp_path, rng, monkeypatch, tally):
    cluster.join(2)
    write_points(tmp_path, rng, n=12)
    block_of(monkeypatch, 1)
    spec = write_spec(
        tmp_path, runs=12_000, k=[2], init=["random"], more="[record]\nsteps = false\n"
    )
    used, scheduler = [], psutil.Process(cluster.scheduler.pid)

    class Watch(runner.Silent):
        def advance(self, starts):
            used.append(scheduler.memory_info().rss)

    folder = runner.run(spec, results=tmp_path, scheduler=cluster.address, progress=Watch())
    assert len(used) == len(Store(folder).names()) == 12_000
    assert max(used) < used[0] + (40 << 20)  # all blocks at once are 135 MB
    tally("blocks given out by a scheduler", len(used))
    tally(
        "kB that it holds more for each block after the first 2000",
        (used[-1] - used[2000]) // 10_000 / 1024,
    )


def test_a_scheduler_that_ends_leaves_a_study_to_go_on_with(cluster, spec, usual, tmp_path):
    cluster.join(2)
    process = begun(spec, tmp_path, cluster.address)
    wait_until(lambda: blocks(tmp_path) > 1)
    cluster.scheduler.kill()
    said = ended(process, 1)
    assert said.splitlines()[-1].startswith("kmeans-lab: the workers of dask failed")
    assert bits(runner.run(spec, results=tmp_path)) == usual


def test_ctrl_c_ends_a_run_and_its_blocks_stay(cluster, spec, usual, tmp_path):
    cluster.join(2)
    process = begun(spec, tmp_path, cluster.address)
    wait_until(lambda: blocks(tmp_path) > 1)
    process.send_signal(signal.SIGINT)
    assert "to go on" in ended(process, 130)
    assert blocks(tmp_path) > 1
    assert bits(runner.run(spec, results=tmp_path, scheduler=cluster.address)) == usual


def test_a_worker_of_other_kernels_is_refused_before_work_begins(cluster, spec, usual, tmp_path):
    copy = shutil.copytree(Path(kl.__file__).parent, tmp_path / "other" / "kmeans_lab")
    with (copy / "kernels" / "lloyd.py").open("a") as file:
        file.write("# of another version\n")
    cluster.join(PYTHONPATH=str(copy.parent))
    with pytest.raises(RunError, match=r"the worker at tcp://\S+ has code \w+, the run \w+;"):
        runner.run(spec, results=tmp_path, scheduler=cluster.address)
    assert not blocks(tmp_path)
    assert bits(runner.run(spec, results=tmp_path)) == usual


def test_a_worker_that_joins_later_is_asked_too(cluster, spec, tmp_path, monkeypatch):
    copy = shutil.copytree(Path(kl.__file__).parent, tmp_path / "other" / "kmeans_lab")
    (copy / "__init__.py").write_text((copy / "__init__.py").read_text() + '\n__version__ = "9"\n')
    block_of(monkeypatch, 5)
    cluster.join()
    late = Meanwhile(lambda: cluster.join(PYTHONPATH=str(copy.parent)))
    with pytest.raises(RunError, match=f"a worker on {socket.gethostname()} has kmeans_lab 9, the"):
        runner.run(spec, results=tmp_path, runs=300, scheduler=cluster.address, progress=late)
    expected = bits(runner.run(spec, results=tmp_path / "usual", runs=300))
    assert bits(runner.run(spec, results=tmp_path, runs=300)) == expected


def test_a_worker_that_does_not_share_the_folder_is_refused(
    cluster, namespace, spec, usual, tmp_path
):
    results = tmp_path / "results"
    results.mkdir()
    elsewhere = [*namespace, "sh", "-c", f'mount -t tmpfs none {results} && exec "$@"', "-"]
    cluster.join(before=elsewhere)
    with pytest.raises(RunError, match=r"does not share .*results/long with the run; put the"):
        runner.run(spec, results=results, scheduler=cluster.address)
    assert bits(runner.run(spec, results=results)) == usual


@pytest.mark.parametrize("there", ["other data", "nothing"])
def test_a_worker_with_other_data_is_one_line(cluster, namespace, spec, usual, tmp_path, there):
    folder = runner.run(spec, results=tmp_path, runs=1)
    data, other = folder / "data" / "points.parquet", tmp_path / "other.parquet"
    table = pd.read_parquet(data)
    (table + 1 if there == "other data" else table[:0]).to_parquet(other)
    if there == "nothing":
        other.write_bytes(b"")
    elsewhere = [*namespace, "sh", "-c", f'mount --bind {other} {data} && exec "$@"', "-"]
    cluster.join(before=elsewhere)
    said = ended(begun(spec, tmp_path, cluster.address), 1)
    assert f"{data} is damaged" in said.splitlines()[-1]
    assert bits(runner.run(spec, results=tmp_path)) == usual


def test_a_worker_with_another_initializer_is_refused(cluster, namespace, tmp_path, rng):
    write_points(tmp_path, rng, n=40)
    mine, other = tmp_path / "mine.py", tmp_path / "other.py"
    mine.write_text("def first(X, k, rng):\n    return X[:k]\n")
    other.write_text("def first(X, k, rng):\n    return X[-k:]\n")
    spec = write_spec(tmp_path, runs=4, k=[3], init=["mine:first"])
    elsewhere = [*namespace, "sh", "-c", f'mount --bind {other} {mine} && exec "$@"', "-"]
    cluster.join(before=elsewhere)
    with pytest.raises(RunError, match="has another 'mine:first' than the run; share the spec's"):
        runner.run(spec, results=tmp_path, scheduler=cluster.address)
    cluster.close()
    folder = runner.run(spec, results=tmp_path)
    assert bits(folder) == bits(runner.run(spec, results=tmp_path / "usual"))


def test_a_scheduler_without_workers_is_told(cluster, spec, tmp_path, monkeypatch):
    monkeypatch.setattr(crew.cluster, "ANSWER", 0.5)
    with pytest.raises(SpecError, match="has no workers; begin some: dask worker tcp://"):
        runner.run(spec, results=tmp_path / "results", scheduler=cluster.address)
    assert not (tmp_path / "results").exists()


def test_what_answers_is_no_scheduler(spec, tmp_path, monkeypatch):
    monkeypatch.setattr(crew.cluster, "ANSWER", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(SpecError, match=f"no scheduler answers at '{address}'; allowed: the"):
            runner.run(spec, results=tmp_path / "results", scheduler=address)
    assert not (tmp_path / "results").exists()
