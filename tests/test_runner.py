"""Carrying out a plan: only what is missing, a user's own init, refusals, and ends of all kinds."""

import json
import os
import re
import signal
import socket
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from kmeans_lab import files
from kmeans_lab.errors import RunError, SpecError
from kmeans_lab.runner import cluster, runner, workers
from kmeans_lab.runner.compute import compute, settings
from kmeans_lab.spec.plan import Block, cells
from kmeans_lab.spec.spec import Spec, read
from kmeans_lab.store.store import Store
from studies import SEEDS, Watcher, bits, block_of, files_in, write_points, write_spec

# A user's own initializer; what it does is decided by words in a file beside it.
MINE = """
from pathlib import Path

import numpy as np

MOODS = Path(__file__).with_name("moods.txt")

def start(X, n_clusters, random_state):
    assert isinstance(random_state, np.random.RandomState)
    assert not X.flags.writeable
    first = random_state.randint(10**6)
    if first in {np.random.RandomState(seed).randint(10**6) for seed in (3, 5)}:
        mood = MOODS.read_text()
        if mood == "raise":
            raise LookupError("no such point\\nnor line")
        if mood == "exit":
            raise SystemExit(4)
        if mood == "shape":
            return X[:1]
        if mood == "nan":
            return X[:n_clusters] * np.nan
        if mood == "far":
            return X[:n_clusters] + 1e200
        if mood == "write":
            X[0] = 0
        if mood == "die":
            import os, signal
            os.kill(os.getppid(), signal.SIGKILL)  # the worker that asked
    return X[(first + np.arange(n_clusters)) % len(X)]
"""
BAD = [3, 5]  # its seeds that have moods


@pytest.fixture
def spec(tmp_path, rng):
    """The path of a spec of four cells, 24 starts each."""
    write_points(tmp_path, rng)
    return write_spec(tmp_path)


@pytest.fixture
def mine(tmp_path, rng):
    """The path of a spec of one cell, 8 starts, by a user's own initializer without a mood."""
    write_points(tmp_path, rng)
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "moods.txt").write_text("")
    return write_spec(tmp_path, runs=8, k=[3], init=["mine:start"])


@pytest.fixture
def results(tmp_path):
    return tmp_path / "results"


def nothing_computed(monkeypatch):
    """From here on a start that is computed is an error."""

    def refuse(*_):
        raise AssertionError("a start is computed")

    monkeypatch.setattr(workers, "compute", refuse)
    monkeypatch.setattr(runner, "block_size", refuse)


def test_a_finished_study_computes_and_writes_nothing(spec, results, monkeypatch):
    folder = runner.run(spec, results=results)
    before = files_in(folder)
    nothing_computed(monkeypatch)
    watcher = Watcher()
    assert runner.run(spec, results=results, progress=watcher) == folder
    assert files_in(folder) == before
    assert watcher.lines == ["nothing to run: the 96 starts asked for are there"]


def test_fewer_runs_delete_nothing(spec, results, monkeypatch):
    folder = runner.run(spec, results=results)
    before = files_in(folder)
    nothing_computed(monkeypatch)
    runner.run(spec, results=results, runs=3)
    assert files_in(folder) == before


def test_more_runs_compute_just_the_new_starts(spec, results):
    folder = runner.run(spec, results=results, runs=20)
    before = files_in(folder)
    watcher = Watcher()
    runner.run(spec, results=results, progress=watcher)
    assert watcher.started == (96, 80)
    assert sum(watcher.blocks) == 16
    after = files_in(folder)
    kept = {name: data for name, data in before.items() if name.endswith(".parquet")}
    assert kept.items() <= after.items()
    assert Store(folder).spec().runs == 24
    assert not Store(folder).verify()


def test_receipts_come_as_blocks_are_stored_not_at_the_end(spec, results, monkeypatch):
    block_of(monkeypatch, 6)
    met = []

    class Looking(Watcher):
        def advance(self, starts):
            met.append(len(pd.read_parquet(results / "small" / "runs")))
            super().advance(starts)

    runner.run(spec, results=results, jobs=1, progress=Looking())
    assert len(met) == 16
    assert met[0] < 96
    assert all(seen >= 6 * (i + 1) for i, seen in enumerate(met))


def test_render_may_change_and_all_else_is_refused_with_what_changed(spec, results):
    folder = runner.run(spec, results=results)
    text = spec.read_text()
    spec.write_text(text + '[render]\npick = ["best"]\n')
    runner.run(spec, results=results)
    assert Store(folder).spec().render.pick == ("best",)
    assert not Store(folder).verify()
    (folder / ".lock").write_text("whoever it was")
    before = files_in(folder)
    changes = {
        "k = [3, 6]": ("k = [3, 7]", r"grid k was \[3, 6\], is \[3, 7\]"),
        "'k-means++'": ("'maximin'", "grid init was .*, is .*maximin.*"),
        "runs = 24": ("runs = 24\nseed = 1", "seed was 0, is 1"),
    }
    for old, (new, told) in changes.items():
        spec.write_text(text.replace(old, new))
        with pytest.raises(SpecError, match=rf"{spec}.*{folder}: {told};.*--fresh"):
            runner.run(spec, results=results)
    spec.write_text(text)
    (spec.parent / "points.csv").write_text(
        "x,y,group\n" + "".join(f"{i},{i},a\n" for i in range(9))
    )
    with pytest.raises(SpecError, match="the data of 'points' are not those it began with"):
        runner.run(spec, results=results)
    assert files_in(folder) == before
    assert (folder / ".lock").read_text() == "whoever it was"


def test_fresh_sets_the_study_aside_and_begins_anew(spec, results):
    folder = runner.run(spec, results=results, runs=2)
    before = files_in(folder)
    watcher = Watcher()
    assert runner.run(spec, results=results, runs=3, fresh=True, progress=watcher) == folder
    assert files_in(results / "small.old-1") == before
    assert watcher.lines[0].endswith("small.old-1")
    assert watcher.started == (12, 0)
    runner.run(spec, results=results, runs=3, fresh=True)
    assert {path.name for path in results.iterdir()} == {"small", "small.old-1", "small.old-2"}


def test_a_second_writer_is_refused_and_harms_nothing(spec, results):
    folder = runner.run(spec, results=results, runs=2)
    before = files_in(folder)
    with Store(folder).lock():
        for options in ({}, {"fresh": True}, {"retry": True}):
            with pytest.raises(RunError, match=f"{folder} is in use by another run"):
                runner.run(spec, results=results, **options)
    assert files_in(folder) == before


def test_two_runs_at_once_leave_each_start_once(spec, results, monkeypatch):
    """One run is begun while another is at work: one of them does it all."""
    block_of(monkeypatch, 5)

    class Rival(Watcher):
        def advance(self, starts):
            with pytest.raises(RunError, match="in use"):
                runner.run(spec, results=results)
            super().advance(starts)

    folder = runner.run(spec, results=results, jobs=1, runs=5, progress=Rival())
    assert Store(folder).done().tolist() == [*range(20)]
    assert not Store(folder).verify()


@pytest.mark.parametrize("below", ["file.txt/results", "/proc/results"])
def test_a_results_folder_that_cannot_be_made_is_the_users_to_mend(spec, tmp_path, below):
    (tmp_path / "file.txt").write_text("")
    before = files_in(tmp_path)
    with pytest.raises(SpecError, match=r"results folder .*small cannot be made: "):
        runner.run(spec, results=tmp_path / below)
    assert files_in(tmp_path) == before


def test_a_results_folder_that_is_not_writable_is_the_users_to_mend(spec, results, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(SpecError, match=r"small is not writable; --results names another"):
        runner.run(spec, results=results)
    assert not files_in(results)


def test_a_study_of_a_newer_version_is_refused_untouched(spec, results):
    folder = runner.run(spec, results=results, runs=2)
    about = json.loads((folder / "study.json").read_text())
    (folder / "study.json").write_text(json.dumps(about | {"schema_version": 2}))
    before = files_in(folder)
    with pytest.raises(SpecError, match=r"has schema_version 2; this kmeans_lab reads up to 1"):
        runner.run(spec, results=results)
    assert files_in(folder) == before


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ({"jobs": 0}, "jobs is 0; allowed: whole numbers from 1"),
        ({"jobs": True}, "jobs is True"),
        ({"runs": -1}, "runs is -1"),
        ({"runs": 2.5}, "runs is 2.5"),
        ({"backend": "lokki"}, "unknown backend 'lokki'; did you mean 'loky'"),
    ],
)
def test_options_that_cannot_be_are_refused_before_anything_is_written(spec, results, option, told):
    with pytest.raises(SpecError, match=told):
        runner.run(spec, results=results, **option)
    assert not results.exists()


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_a_users_init_is_called_as_scikit_learn_calls_it(mine, results, backend):
    folder = runner.run(mine, results=results, jobs=2, backend=backend)
    store = Store(folder)
    X = store.dataset("points").X
    steps = store.steps().to_pandas()
    for row in store.runs().to_pandas().itertuples():
        assert row.status == "converged"
        first = np.random.RandomState(row.seed).randint(10**6)
        used = steps[(steps["run"] == row.run) & (steps["iteration"] == 1)]["centers"].iloc[0]
        assert np.array_equal(np.reshape(used, (3, 2)), X[(first + np.arange(3)) % len(X)])


def test_a_users_init_leaves_the_same_bits_on_both_backends(mine, tmp_path, monkeypatch):
    block_of(monkeypatch, 3)
    made = {
        bits(runner.run(mine, results=tmp_path / backend, jobs=2, backend=backend))["steps"]
        for backend in ("threading", "loky")
    }
    assert len(made) == 1


@pytest.mark.parametrize(
    ("mood", "note"),
    [
        ("raise", "LookupError: no such point"),
        ("exit", "SystemExit: 4"),
        ("shape", r"init gave an array of shape (1, 2); wanted (3, 2)"),
        ("nan", "init gave centers that are not finite"),
        ("far", "init gave 1e+200 in a center; allowed: up to 1e+145"),
        ("write", "ValueError: assignment destination is read-only"),
    ],
)
def test_a_start_whose_init_fails_is_an_error_with_a_note_and_the_others_go_on(
    mine, results, mood, note
):
    mine.with_name("moods.txt").write_text(mood)
    folder = runner.run(mine, results=results)
    runs = Store(folder).runs().to_pandas().set_index("seed")
    assert (runs["status"] == "error").to_dict() == {seed: seed in BAD for seed in range(8)}
    assert set(runs.loc[BAD, "note"]) == {note}
    outcome = ["inertia", "silhouette", "partition", "centers", "labels"]
    assert runs.loc[BAD, outcome].isna().to_numpy().all()
    assert runs["init_distances"].isna().all()  # nobody counts a user's own
    assert (runs.loc[BAD, "n_iter"] == 0).all()
    assert not set(runs.loc[BAD, "run"]) & set(Store(folder).steps()["run"].to_pylist())
    assert not Store(folder).verify()


@pytest.mark.parametrize(
    ("backend", "block"), [("threading", 1), ("threading", 3), ("threading", 8), ("loky", 3)]
)
def test_retry_runs_just_the_starts_that_failed(
    mine, tmp_path, results, monkeypatch, block, backend
):
    block_of(monkeypatch, block)
    expected = bits(runner.run(mine, results=tmp_path / "well"))
    moods = mine.with_name("moods.txt")
    moods.write_text("raise")
    runner.run(mine, results=results, jobs=2, backend=backend)
    watcher = Watcher()
    runner.run(mine, results=results, jobs=2, backend=backend, progress=watcher)
    assert watcher.lines == ["nothing to run: the 8 starts asked for are there"]
    again = Watcher()
    runner.run(mine, results=results, jobs=2, backend=backend, retry=True, progress=again)
    assert again.started == (8, 6)
    moods.write_text("")
    folder = runner.run(mine, results=results, jobs=2, backend=backend, retry=True)
    assert bits(folder) == expected
    assert not Store(folder).verify()


def test_an_init_that_was_edited_is_another_study(mine, results):
    folder = runner.run(mine, results=results)
    before = files_in(folder)
    with mine.with_name("mine.py").open("a") as file:
        file.write("\n# another\n")
    with pytest.raises(SpecError, match=r"code of 'mine:start' is not what it began with.*--fresh"):
        runner.run(mine, results=results, runs=9)
    assert files_in(folder) == before


def test_an_init_that_was_mended_serves_the_starts_that_failed(mine, results):
    code = mine.with_name("mine.py")
    code.write_text("def start(X, n_clusters, random_state):\n    raise ValueError('not yet')\n")
    runner.run(mine, results=results)
    code.write_text(MINE)
    folder = runner.run(mine, results=results, retry=True)
    assert set(Store(folder).runs()["status"].to_pylist()) == {"converged"}
    assert runner.run(mine, results=results, runs=9) == folder
    assert not Store(folder).verify()


def test_a_study_stopped_early_keeps_the_runs_it_was_to_have(spec, results, monkeypatch):
    block_of(monkeypatch, 2)
    with pytest.raises(KeyboardInterrupt):
        runner.run(spec, results=results, progress=Watcher(stop_after=1))
    runner.run(spec, results=results, runs=3)
    assert Store(results / "small").spec().runs == SEEDS


def test_a_study_s_own_spec_finds_its_data_where_the_first_one_stood(spec, results):
    folder = runner.run(spec, results=results, runs=3)
    again = runner.run(folder / "spec.toml", results=results, runs=5)
    assert again == folder
    assert len(Store(folder).done()) == 5 * 4


@pytest.mark.parametrize("moment", range(3))
def test_a_retry_stopped_at_any_write_loses_no_start(mine, results, tmp_path, monkeypatch, moment):
    expected = bits(runner.run(mine, results=tmp_path / "well"))
    mine.with_name("moods.txt").write_text("raise")
    folder = runner.run(mine, results=results)
    mine.with_name("moods.txt").write_text("")
    left, whole = [moment], files.write

    def write(path, data):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return whole(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(files, "write", write)
        with pytest.raises(KeyboardInterrupt):
            runner.run(mine, results=results, retry=True, progress=Watcher(stop_after=1))
    assert set(range(8)) - set(BAD) <= set(Store(folder).done())
    assert bits(runner.run(mine, results=results, retry=True)) == expected
    assert not Store(folder).verify()


def test_a_worker_that_dies_is_told_and_what_is_finished_stays(
    mine, tmp_path, results, monkeypatch
):
    block_of(monkeypatch, 1)
    expected = bits(runner.run(mine, results=tmp_path / "well"))
    mine.with_name("moods.txt").write_text("die")
    with pytest.raises(RunError, match=r"worker process died.*what is finished stays.*run again"):
        runner.run(mine, results=results, jobs=2, backend="loky")
    assert set(BAD).isdisjoint(Store(results / "small").done())
    assert not Store(results / "small").verify()
    mine.with_name("moods.txt").write_text("")
    assert bits(runner.run(mine, results=results, jobs=2, backend="loky")) == expected


def test_what_a_block_raises_ends_the_run_and_what_is_finished_stays(spec, results, monkeypatch):
    block_of(monkeypatch, 6)
    blocks = []

    def compute_some(*asked):
        blocks.append(asked[3])
        if len(blocks) == 3:
            raise MemoryError("of the third block")
        return compute(*asked)

    monkeypatch.setattr(workers, "compute", compute_some)
    with pytest.raises(MemoryError, match="of the third block"):
        runner.run(spec, results=results, jobs=1, backend="threading")
    assert Store(results / "small").done().size == 12
    assert not Store(results / "small").verify()
    assert Store(runner.run(spec, results=results)).done().size == 4 * SEEDS


def test_a_missing_init_is_refused_before_anything_is_written(mine, results):
    mine.write_text(mine.read_text().replace("mine:start", "mine:begin"))
    with pytest.raises(SpecError, match=r"mine:begin.*has no function 'begin'; it has:.*start"):
        runner.run(mine, results=results)
    assert not results.exists()


def test_work_asked_to_stop_ends_between_two_batches(spec):
    resolved = runner.resolve(read(spec))
    (cell, *_), seeds = cells(resolved.spec), np.arange(1000)
    chosen, asked = settings(resolved.spec, "points"), []

    def stopped():
        asked.append(None)
        return len(asked) == 3

    assert compute(resolved.datasets["points"], cell, chosen, seeds, seeds, stopped) is None
    assert len(asked) == 3


def test_a_full_disk_at_any_write_is_told_in_a_line_and_loses_nothing(tmp_path, rng, monkeypatch):
    """Write after write fails, once; then the run goes on, to the same bits."""
    write_points(tmp_path, rng)
    spec = write_spec(tmp_path, runs=5, k=[3], init=["random"])
    block_of(monkeypatch, 2)
    expected = bits(runner.run(spec, results=tmp_path / "well", jobs=1))
    whole, told = os.fsync, []
    while len(told) < 99:
        folder, left = tmp_path / str(len(told)), [len(told)]

        def full(descriptor, left=left):
            left[0] -= 1
            if left[0] == -1:
                raise OSError(28, "No space left on device")
            whole(descriptor)

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            try:
                runner.run(spec, results=folder, jobs=1)
            except RunError as error:
                told.append(str(error))
            else:
                break
        for table in (folder / "small").glob("[rs]*s"):
            assert set(pd.read_parquet(table)["run"]) <= set(range(5))
        assert bits(runner.run(spec, results=folder)) == expected
        assert not Store(folder / "small").verify()
    assert 20 < len(told) < 99
    for text in told:
        assert re.fullmatch(
            rf"cannot write {tmp_path}/\S+: No space left on device; .*run again", text
        )


LIMITED = """
import resource, sys
from kmeans_lab.runner import runner
from kmeans_lab.cli import main
runner.block_size = lambda *_: 12
sys.dont_write_bytecode = True  # half a .pyc would stay for every later process
resource.setrlimit(resource.RLIMIT_FSIZE, (7_000, 7_000))
sys.exit(main(sys.argv[1:]))
"""


def test_a_file_size_limit_ends_the_command_with_one_line_and_exit_code_1(spec, results):
    command = [sys.executable, "-c", LIMITED, "run", spec, "--results", results, "--no-report"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("kmeans-lab: ")]
    assert "cannot write" in line
    assert "File too large" in line
    assert "Traceback" not in done.stderr
    assert not [name for name in files_in(results) if ".tmp-" in name]
    assert not Store(results / "small").verify()


@pytest.mark.parametrize(
    ("backend", "number"),
    [("threading", signal.SIGINT), ("threading", signal.SIGTERM), ("loky", signal.SIGINT)],
)
def test_signals_end_the_command_with_their_exit_code(spec, results, backend, number):
    """The signal comes when the first block has been told, from within."""
    code = f"""
import os, sys
from kmeans_lab.runner import progress
from kmeans_lab.runner import runner
from kmeans_lab.cli import main
runner.block_size = lambda *_: 1
progress.Lines.advance = lambda *_: os.kill(os.getpid(), {int(number)})
sys.exit(main(sys.argv[1:]))
"""
    command = [sys.executable, "-c", code, "run", spec, "--results", results, "--no-report"]
    done = subprocess.run(
        [*command, "--backend", backend], capture_output=True, text=True, check=False
    )
    assert done.returncode == 128 + number
    (line,) = done.stderr.splitlines()
    assert "what is finished stays; to go on: kmeans-lab run" in line
    assert 0 < len(Store(results / "small").done()) < 96
    assert not Store(results / "small").verify()


def test_a_spec_made_in_python_runs_as_its_file_does(spec, tmp_path):
    made = Spec(
        name="small",
        runs=24,
        data=[{"source": str(tmp_path / "points.csv"), "truth": "group"}],
        grid={"k": [3, 6], "init": ["random", "k-means++"]},
    )
    folders = [runner.run(s, results=tmp_path / str(i)) for i, s in enumerate((spec, made))]
    assert bits(folders[0]) == bits(folders[1])


def first_task(store):
    """The task of a study's first block."""
    name = store.names()[0]
    cell = next(cell for cell in cells(store.spec()) if name.startswith(f"c{cell.index:04d}"))
    block = Block(name, cell, runs := np.sort(store.ids(name)), runs // len(cells(store.spec())))
    fingerprint = store.dataset(cell.dataset).fingerprint
    return workers.Task(str(store.folder), fingerprint, settings(store.spec(), cell.dataset), block)


def test_a_block_that_a_lost_worker_had_written_is_taken(spec, results):
    """Told of by the worker that is given it next, which computes nothing and writes nothing."""
    store = Store(runner.run(spec, results=results))
    listed, before = store.checksums.read()[0], files_in(store.folder)
    with cluster.terms(store.folder) as asked:
        receipt = workers._elsewhere(asked, first_task(store))
    assert receipt.checksums.items() <= listed.items()
    assert files_in(store.folder) == before


def test_a_worker_looks_at_its_initializer_each_time(tmp_path, rng):
    """Whoever mends the file need not begin the worker anew, nor does it serve once it differs."""
    write_points(tmp_path, rng)
    code = tmp_path / "mine.py"
    code.write_text(right := "def first(X, k, rng):\n    return X[:k]\n")
    store = Store(runner.run(write_spec(tmp_path, init=["mine:first"]), results=tmp_path))
    task = first_task(store)
    with cluster.terms(store.folder) as asked:
        assert workers._elsewhere(asked, task)
        code.write_text("def first(X, k, rng):\n    return X[-k:]\n")
        with pytest.raises(RunError, match="has another 'mine:first' than the run"):
            workers._elsewhere(asked, task)
        code.write_text(right)
        assert workers._elsewhere(asked, task)


def test_a_scheduler_that_was_just_begun_is_waited_for(monkeypatch):
    with socket.socket() as scheduler:
        scheduler.bind(("127.0.0.1", 0))
        monkeypatch.setattr(cluster.time, "sleep", lambda _: scheduler.listen())
        cluster._connection(*scheduler.getsockname()).close()


def test_a_scheduler_that_never_listens_is_not(monkeypatch):
    monkeypatch.setattr(cluster, "LISTEN", 0.0)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(SpecError, match="no scheduler answers at"):
            cluster._knock(f"tcp://127.0.0.1:{nobody.getsockname()[1]}")
