"""What this machine can do at most: small loops that do nothing but what the comparison counts.

A squared distance takes a subtraction and a multiply-add per feature, and its center one comparison
with its selections. The loops do these on float64 vectors in the nearest cache, many chains at
once, so that nothing waits; each is measured with 256 and with 512 bits where the machine has them.
"""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

BLOCK = 256  # values in a row
ROWS = 8
MEMORY = 2**25  # values read from memory: 256 MB
TURNS = 7  # of which the quickest counts


class Ceiling(NamedTuple):
    """What one thread does, and two at once."""

    term: list[float]  # ns for a subtraction and a multiply-add
    choice: list[float]  # ns for a comparison with its selections
    bandwidth: list[float]  # GB/s

    def pair(self, features):
        """The least that brute force takes for a point and a center, ns, on both cores."""
        return features * self.term[1] + self.choice[1]


def loops():
    """The three loops, compiled for the width that the environment asks for."""
    import numba

    @numba.njit(nogil=True, fastmath={"contract", "reassoc"})
    def term(x, rounds):
        total = 0.0
        for turn in range(rounds):
            a, b, c, d = x[0], x[1], x[2], x[3]
            s, t, u, v = 0.0, 0.0, 0.0, 0.0
            for i in range(BLOCK):
                s += (a[i] - turn) * (a[i] - turn)
                t += (b[i] - turn) * (b[i] - turn)
                u += (c[i] - turn) * (c[i] - turn)
                v += (d[i] - turn) * (d[i] - turn)
            total += s + t + u + v
        return total

    @numba.njit(nogil=True)
    def choice(x, rounds):
        best, nearest = np.empty(BLOCK), np.empty(BLOCK, np.int64)
        for turn in range(rounds):
            a, b, c, d, e = x[0], x[1], x[2], x[3], x[4]
            for i in range(BLOCK):
                least, label = a[i], turn
                label = turn + 1 if b[i] < least else label
                least = b[i] if b[i] < least else least
                label = turn + 2 if c[i] < least else label
                least = c[i] if c[i] < least else least
                label = turn + 3 if d[i] < least else label
                least = d[i] if d[i] < least else least
                label = turn + 4 if e[i] < least else label
                least = e[i] if e[i] < least else least
                best[i], nearest[i] = least, label
        return best.sum() + nearest.sum()

    @numba.njit(nogil=True, fastmath={"reassoc"})
    def read(x, rounds):
        total = 0.0
        for _ in range(rounds):
            for i in range(x.size):
                total += x[i]
        return total

    return term, choice, read


def quickest(function, x, rounds, threads):
    """Seconds that `threads` calls at once take, at the least."""
    function(x[: 2 * BLOCK] if x.ndim == 1 else x, 1)
    found = []
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(TURNS):
            began = time.perf_counter()
            list(pool.map(lambda _: function(x, rounds), range(threads)))
            found.append(time.perf_counter() - began)
    return min(found)


def measured():
    """The ceiling at one width. Nanoseconds on two threads are those of both cores together."""
    term, choice, read = loops()
    x, large, rounds = np.random.default_rng(0).normal(size=(ROWS, BLOCK)), np.ones(MEMORY), 20_000
    made = Ceiling([], [], [])
    for threads in (1, 2):
        nano = 1e9 / (rounds * BLOCK * 4 * threads)
        made.term.append(nano * quickest(term, x, rounds, threads))
        made.choice.append(nano * quickest(choice, x, rounds, threads))
        made.bandwidth.append(8e-9 * MEMORY * threads / quickest(read, large, 1, threads))
    return made


def measure():
    """The best of all widths, each in a process of its own."""
    call = [sys.executable, __file__]
    found = [json.loads(subprocess.check_output(call, env=os.environ | e)) for e in widths()]
    term, choice, bandwidth = zip(*found, strict=True)
    return Ceiling([*map(min, *term)], [*map(min, *choice)], [*map(max, *bandwidth)])


def widths():
    """Numba's own choice, and all 512 bits where it would rather use 256."""
    from numba.core.codegen import get_host_cpu_features

    features = get_host_cpu_features()
    wide = {"NUMBA_CPU_NAME": "skylake-avx512", "NUMBA_CPU_FEATURES": f"{features},-prefer-256-bit"}
    return [{}, wide] if "+avx512f" in features else [{}, {}]


if __name__ == "__main__":
    print(json.dumps(measured()))
