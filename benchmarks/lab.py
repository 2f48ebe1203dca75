"""The lab as one of the peers: its kernels alone, and a whole study through `kl.run`."""

import shutil
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import kmeans_lab as kl

CHUNK = 2_000_000  # labels that a batch of starts may hold


def kernels(job):
    """The compiled loop from first centers to outcomes, two threads that share a queue."""
    from kmeans_lab.kernels.batch import nothing_known, run_batch
    from kmeans_lab.kernels.records import prepare

    problem, rules = prepare(job.X, "none"), {"max_iter": job.max_iter, "steps": False}

    def go(begin, end):
        own = threading.local()  # a thread's knowledge of earlier starts, none before a turn
        size = max(1, min((end - begin + 15) // 16, CHUNK // len(job.X)))
        parts = [slice(a, min(a + size, end)) for a in range(begin, end, size)]

        def run(part):
            firsts = job.X[job.indices[part]]
            if not hasattr(own, "known"):
                own.known = nothing_known(problem, firsts.shape[1])
            return run_batch(problem, firsts, labels="none", known=own.known, **rules)

        with ThreadPoolExecutor(job.threads) as pool:
            batches = list(pool.map(run, parts))
        columns = ([getattr(b, name) for b in batches] for name in ("inertia", "n_iter"))
        return [*zip(*map(np.concatenate, columns), strict=True)]

    return go


def study(job):
    """`kl.run` with outcomes only: spec, seeding, kernels, files, everything a user waits for."""

    folder = tempfile.TemporaryDirectory()
    np.save(Path(folder.name) / "points.npy", job.X)

    def go(begin, end):
        made = kl.run(outcomes(job, folder.name, end - begin), results=folder.name)

        def ends():  # read, and the folder emptied, after the clock has stopped
            runs = made.runs
            shutil.rmtree(Path(folder.name) / "outcomes")
            return [*zip(runs["inertia"], runs["n_iter"], strict=True)]

        return ends

    return go


def outcomes(job, folder, runs):
    return kl.Spec(
        name="outcomes",
        base=folder,
        runs=runs,
        data=[{"source": "points.npy"}],
        grid={"k": [job.indices.shape[1]], "init": ["random"]},
        lloyd={"max_iter": job.max_iter},
        record={"steps": False, "labels": "none", "silhouette": "none"},
    )
