"""Each library called as fairly as its interface allows: one function each.

A function takes a Job and prepares what costs its library nothing (its own copy of the data, say);
it gives a function that runs the starts begin … end-1 and returns, for each, where it ended
(inertia, or the centers from which it is computed after the clock has stopped) and its steps.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np


def sklearn_fits(job, algorithm="lloyd"):
    """One fit a start: what it takes to keep every outcome."""
    from sklearn.cluster import KMeans

    return fits(KMeans, job, algorithm)


def sklearn_n_init(job, algorithm="lloyd"):
    """One fit for all starts, its checks paid once; it keeps the best only."""
    from sklearn.cluster import KMeans

    return n_init(KMeans, job, algorithm)


def elkan_n_init(job):
    return sklearn_n_init(job, "elkan")


def intelex_fits(job):
    from sklearnex.cluster import KMeans

    return fits(KMeans, job, "lloyd")


def intelex_n_init(job):
    from sklearnex.cluster import KMeans

    return n_init(KMeans, job, "lloyd")


def fits(kind, job, algorithm):
    k, chosen = job.indices.shape[1], {"max_iter": job.max_iter, "algorithm": algorithm}

    def go(begin, end):
        for first in job.firsts(begin, end):
            made = kind(k, init=first, n_init=1, tol=0, **chosen).fit(job.X)
            yield made.inertia_, made.n_iter_

    return lambda begin, end: list(go(begin, end))


def n_init(kind, job, algorithm):
    k, chosen = job.indices.shape[1], {"max_iter": job.max_iter, "algorithm": algorithm}

    def go(begin, end):
        rows = iter(job.indices[begin:end])

        def init(X, k, random_state):  # X is centered by now, so its rows are taken here
            return X[next(rows)]

        made = kind(k, init=init, n_init=end - begin, tol=0, **chosen).fit(job.X)
        return [(made.inertia_, made.n_iter_)]

    return go


def opencv(job):
    """Takes labels, not centers: the first assign is made for it before the clock starts."""
    import cv2

    cv2.setNumThreads(job.threads)
    X, k = job.X.astype(np.float32), job.indices.shape[1]
    stop = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, job.max_iter, 0.0)
    kept = {}

    def prepare(begin, end):
        for r in range(begin, end):
            kept[r] = labels(job.X, job.X[job.indices[r]])

    def go(begin, end):
        ends = []
        for r in range(begin, end):
            _, _, centers = cv2.kmeans(X, k, kept[r], stop, 1, cv2.KMEANS_USE_INITIAL_LABELS)
            ends.append((centers, np.nan))
        return ends

    go.prepare = prepare
    return go


def labels(X, centers):
    best, label = np.full(len(X), np.inf), np.zeros(len(X), np.int32)
    for c, center in enumerate(centers):
        squared = ((X - center) ** 2).sum(axis=1)
        label[squared < best] = c
        np.minimum(best, squared, out=best)
    return label


def faiss(job):
    """No test of convergence: it is told how many steps each start takes."""
    import faiss

    faiss.omp_set_num_threads(job.threads)
    X = job.X.astype(np.float32)
    (n, d), k = X.shape, job.indices.shape[1]
    limits = {"max_points_per_centroid": n, "min_points_per_centroid": 1}

    def go(begin, end):
        ends = []
        for r in range(begin, end):
            made = faiss.Kmeans(d, k, niter=int(job.steps[r]), **limits)
            made.train(X, init_centroids=X[job.indices[r]])
            ends.append((made.centroids, job.steps[r]))
        return ends

    return go


def scipy(job):
    """No test of convergence: it is told how many steps each start takes."""
    from scipy.cluster.vq import kmeans2

    def go(begin, end):
        ends = []
        for r, first in enumerate(job.firsts(begin, end), begin):
            centers, _ = kmeans2(job.X, first, iter=int(job.steps[r]), minit="matrix")
            ends.append((centers, job.steps[r]))
        return ends

    return go


def mlpack(job, algorithm="naive"):
    """Stops where the centers move by less than 1e-5: on these data, where nothing moves."""
    import mlpack

    k = job.indices.shape[1]
    chosen = {"algorithm": algorithm, "max_iterations": job.max_iter, "labels_only": True}

    def go(begin, end):
        ends = []
        for first in job.firsts(begin, end):
            made = mlpack.kmeans(clusters=k, input_=job.X, initial_centroids=first, **chosen)
            ends.append((made["centroid"].copy(), np.nan))  # its memory is mlpack's, used again
        return ends

    return go


def mlpack_hamerly(job):
    return mlpack(job, "hamerly")


def mlpack_elkan(job):
    return mlpack(job, "elkan")


def mlpack_dualtree(job):
    return mlpack(job, "dualtree")


def r_lloyd(job, algorithm="Lloyd"):
    """An Rscript of its own, which answers a line for each start."""
    if not shutil.which("Rscript"):
        raise ImportError("Rscript")
    folder = Path(tempfile.mkdtemp(prefix="kmeans-lab-bench-"))
    for name, array in (("points", job.X), ("indices", job.indices + 1)):
        array.astype(np.float64).tofile(folder / name)
    sizes = map(str, (*job.X.shape, *job.indices.shape, job.max_iter))
    script = Path(__file__).with_name("peers.R")
    call = ["Rscript", "--vanilla", script, folder, algorithm, *sizes]
    pipe = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen(call, **pipe, stderr=subprocess.DEVNULL)

    def go(begin, end):
        process.stdin.write(f"{begin + 1} {end}\n")
        process.stdin.flush()
        lines = (process.stdout.readline().split() for _ in range(begin, end))
        return [(float(inertia), float(steps)) for inertia, steps in lines]

    return go


def r_hartigan_wong(job):
    return r_lloyd(job, "Hartigan-Wong")
