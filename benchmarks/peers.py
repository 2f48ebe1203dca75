"""Everyone in the comparison: what they are asked to do, and how they may use two cores."""

from collections.abc import Callable
from typing import NamedTuple

import lab
import libraries
import notebook
import numpy as np


class Job(NamedTuple):
    X: np.ndarray  # (n, d)
    indices: np.ndarray  # (R, k), rows of the first centers
    steps: np.ndarray  # (R,), that each start takes, for who cannot tell when to stop
    max_iter: int
    threads: int

    def firsts(self, begin, end):
        return (self.X[rows] for rows in self.indices[begin:end])


class Peer(NamedTuple):
    name: str
    make: Callable  # of a Job; see libraries.py
    ways: tuple[str, ...]  # of using two cores; the quicker one is taken
    package: str
    float32: bool = False
    lloyd: bool = True  # else it is free to end elsewhere, and no rival for Lloyd's targets
    best_only: bool = False
    most_steps: int = 10**9  # after which it stops, whatever it is told

    @property
    def is_lab(self):
        return self.package == "kmeans_lab"

    def seconds(self, pace):
        return pace.lab if self.is_lab else pace.turn


BOTH, SPLIT, OWN = ("two processes", "its own threads"), ("two processes",), ("two threads",)

PEERS = {
    p.name: p
    for p in (
        Peer("lab: kernels", lab.kernels, OWN, "kmeans_lab"),
        Peer("lab: kl.run", lab.study, OWN, "kmeans_lab"),
        Peer("scikit-learn n_init", libraries.sklearn_n_init, BOTH, "scikit-learn", best_only=True),
        Peer("scikit-learn fits", libraries.sklearn_fits, BOTH, "scikit-learn"),
        Peer(
            "scikit-learn elkan n_init",
            libraries.elkan_n_init,
            BOTH,
            "scikit-learn",
            best_only=True,
        ),
        Peer(
            "intelex n_init", libraries.intelex_n_init, BOTH, "scikit-learn-intelex", best_only=True
        ),
        Peer("intelex fits", libraries.intelex_fits, BOTH, "scikit-learn-intelex"),
        Peer("FAISS", libraries.faiss, BOTH, "faiss-cpu", float32=True),
        Peer(
            "OpenCV", libraries.opencv, BOTH, "opencv-python-headless", float32=True, most_steps=100
        ),
        Peer("mlpack naive", libraries.mlpack, BOTH, "mlpack"),
        Peer("mlpack hamerly", libraries.mlpack_hamerly, BOTH, "mlpack"),
        Peer("mlpack elkan", libraries.mlpack_elkan, BOTH, "mlpack"),
        Peer("mlpack dualtree", libraries.mlpack_dualtree, BOTH, "mlpack"),
        Peer("R Lloyd", libraries.r_lloyd, SPLIT, "R"),
        Peer("R Hartigan-Wong", libraries.r_hartigan_wong, SPLIT, "R", lloyd=False),
        Peer("SciPy kmeans2", libraries.scipy, SPLIT, "scipy"),
        Peer("lab: kmeans-lab run", notebook.command, OWN, "kmeans_lab"),
        Peer("mended notebook", notebook.notebook, SPLIT, "numpy"),
    )
}
PIPELINE = ("lab: kmeans-lab run", "mended notebook")
