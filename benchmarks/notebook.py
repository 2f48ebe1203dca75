"""The whole pipeline, from the lab's command and in the teaching notebook's way, as two peers.

Both leave every step of every start with its labels and its exact silhouette; the lab's are on
disk as Parquet when its process ends, the notebook's in memory.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import mended
import numpy as np
from clock import lab_command

import kmeans_lab as kl

SPEC = """name = "pipeline"
runs = {runs}
[[data]]
source = "points.npy"
[grid]
k = [{k}]
init = ["random"]
[lloyd]
max_iter = {max_iter}
[record]
labels = "{labels}"
silhouette = "exact"
"""


def notebook(job):
    """Frames and a silhouette for every assign, one start after the other."""

    def go(begin, end):
        ends = []
        for seed in range(begin, end):
            generator = np.random.default_rng(seed)
            frames = mended.run_kmeans(job.X, job.indices.shape[1], generator, job.max_iter)
            mended.silhouettes(job.X, frames)
            ends.append((frames[-1]["centroids"], frames[-1]["iteration"]))
        return ends

    return go


def command(job):
    """`kmeans-lab run SPEC --no-report`, its process from the first to the last."""
    folder = tempfile.TemporaryDirectory()
    np.save(Path(folder.name) / "points.npy", job.X)

    def go(begin, end):
        call(Path(folder.name), end - begin, job.indices.shape[1], job.max_iter)

        def ends():
            runs = kl.open(Path(folder.name) / "pipeline").runs
            shutil.rmtree(Path(folder.name) / "pipeline")
            return [*zip(runs["inertia"], runs["n_iter"], strict=True)]

        return ends

    return go


def call(folder, runs, k, max_iter=300, labels="all"):
    """The command on the points in a folder; its study is there afterwards."""
    spec = folder / "pipeline.toml"
    spec.write_text(SPEC.format(runs=runs, k=k, max_iter=max_iter, labels=labels))
    arguments = lab_command("run", str(spec), "--no-report", "--results", str(folder))
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(json.dumps(done.stderr[-500:]))


def bytes_per_start(X, k, runs, labels):
    """What a start takes on disk, every step with its silhouette."""
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "points.npy", X)
        call(Path(folder), runs, k, labels=labels)
        tables = (Path(folder) / "pipeline" / table for table in ("runs", "steps"))
        return sum(file.stat().st_size for t in tables for file in t.glob("*.parquet")) / runs
