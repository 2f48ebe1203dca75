"""Small studies to run, and what two studies have in common to the bit."""

from hashlib import sha256
from pathlib import Path

import numpy as np

import kmeans_lab as kl
from kmeans_lab.runner import runner
from kmeans_lab.runner.progress import Silent
from kmeans_lab.store.store import Store

SEEDS = 24  # more than any block of the tests holds


def write_points(folder, rng, n=120):
    """A CSV of three overlapping groups with ties and duplicates, and their truth."""
    truth = rng.integers(0, 3, n)
    X = np.round(rng.normal(size=(n, 2)) + 2 * truth[:, None], 1)
    rows = [f"{x},{y},{'abc'[t]}" for (x, y), t in zip(X, truth, strict=True)]
    path = Path(folder) / "points.csv"
    path.write_text("\n".join(["x,y,group", *rows, *rows[:9]]) + "\n")
    return path


def write_spec(folder, runs=SEEDS, init=("random", "k-means++"), k=(3, 6), more="", name="small"):
    """A spec for `points.csv` beside it; `more` is TOML at its foot."""
    path = Path(folder) / "spec.toml"
    path.write_text(
        f'name = "{name}"\nruns = {runs}\n'
        '[[data]]\nsource = "points.csv"\ntruth = "group"\n'
        f"[grid]\nk = {[*k]}\ninit = {[*init]}\n{more}"
    )
    return path


def flowers(folder, iris2, **more):
    """A study of thirty flowers of Iris, of `random` and k = 3 unless told otherwise."""
    np.save(folder / "points.npy", iris2[::5])
    grid = {"k": [3], "init": ["random"]}
    asked = {"name": "a", "runs": 60, "data": [{"source": "points.npy"}], "grid": grid} | more
    return kl.run(kl.Spec(base=folder, **asked), results=folder)


def block_of(monkeypatch, size):
    """Let blocks hold `size` starts, whatever they cost."""
    monkeypatch.setattr(runner, "block_size", lambda *_: size)


def bits(folder):
    """A digest of every value in runs and steps but `seconds`, by table."""
    store = Store(folder)
    order = [("run", "ascending"), ("iteration", "ascending")]
    tables = {"runs": store.runs().drop_columns("seconds"), "steps": store.steps().sort_by(order)}
    return {
        name: sha256(repr(_exact(table)).encode()).hexdigest() for name, table in tables.items()
    }


def digests(folder, without=("seconds",)):
    """A digest of every recorded value of each start and its steps, by data set/k/init/seed.

    without: columns that are left out; `run` always is, as it tells of the grid.
    """
    store, steps = Store(folder), {}
    order = [("run", "ascending"), ("iteration", "ascending")]
    for step in store.steps().sort_by(order).to_pylist():
        values = {name: step[name] for name in step if name not in ("run", *without)}
        steps.setdefault(step["run"], []).append(values)
    said = {}
    for row in store.runs().to_pylist():
        values = {name: row[name] for name in row if name not in ("run", *without)}
        start = f"{row['dataset']}/{row['k']}/{row['init']}/{row['seed']}"
        assert start not in said
        said[start] = sha256(repr((values, steps.get(row["run"]))).encode()).hexdigest()
    return said


def _exact(table):
    """Columns as values whose text is another for other bits."""
    return {"rows": len(table), **{name: table[name].to_pylist() for name in table.column_names}}


def files_in(folder):
    """The bytes of every file below a folder but the locks, by path."""
    folder = Path(folder)
    paths = [path for path in folder.rglob("*") if path.is_file() and ".lock" not in path.name]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


class Watcher(Silent):
    """Keeps what is told, and can end the run when so many blocks have been told."""

    def __init__(self, stop_after=None):
        self.lines, self.blocks, self.started = [], [], None
        self.stop_after = stop_after

    def say(self, text):
        self.lines.append(text)

    def start(self, total, done):
        self.started = total, done

    def advance(self, starts):
        self.blocks.append(starts)
        if len(self.blocks) == self.stop_after:
            raise KeyboardInterrupt
