"""A peer in processes of its own, which wait at their pipe until it is their turn.

Two processes on a core each that share the starts, or one that uses both cores as its library does.
"""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from typing import NamedTuple

import numpy as np
import peers
import workloads

CORES = sorted(os.sched_getaffinity(0))[:2] if hasattr(os, "sched_getaffinity") else [0, 1]
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class PeerError(Exception):
    """A peer that is missing, broke down or took too long; the text says which."""


class Turn(NamedTuple):
    """What some starts took."""

    wall: float
    cpu: float  # of all processes; 2 × wall where both cores were theirs all the time


class Worker:
    """One process of a peer."""

    def __init__(self, name, cores):
        self.cores = cores
        environment = os.environ | dict.fromkeys(THREADS, str(len(cores)))
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        command = [sys.executable, __file__, name, ",".join(map(str, cores))]
        self.process = subprocess.Popen(command, env=environment, process_group=0, **pipes)

    def send(self, message):
        try:
            pickle.dump(message, self.process.stdin)
            self.process.stdin.flush()
        except OSError:
            raise PeerError("its process ended") from None

    def end(self):
        """End it, and what it has started itself."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def receive(self):
        try:
            answer = pickle.load(self.process.stdout)
        except (EOFError, OSError):
            raise PeerError("its process ended") from None
        if isinstance(answer, str):
            raise PeerError(answer)
        return answer


class Team:
    """The processes of a peer on one workload, two or one of them by the way it uses both cores."""

    def __init__(self, peer, way, job):
        shares = [[core] for core in CORES] if way == "two processes" else [CORES]
        self.peer, self.way, self.workers = (
            peer,
            way,
            [Worker(peer.name, cores) for cores in shares],
        )
        for worker in self.workers:
            worker.send(job._replace(threads=len(worker.cores)))

    def ready(self):
        for worker in self.workers:
            worker.receive()

    def run(self, starts, limit=600.0):
        """What the first `starts` starts took, and where each ended, in their order."""
        cuts = [starts * i // len(self.workers) for i in range(len(self.workers) + 1)]
        shares = [*zip(self.workers, cuts[:-1], cuts[1:], strict=True)]
        with ended_after(limit, self.workers) as late:
            try:
                for worker, begin, end in shares:
                    worker.send((begin, end))
                    worker.receive()  # it is prepared
                for worker, *_ in shares:
                    worker.send("go")
                answers = [worker.receive() for worker, *_ in shares]
            except PeerError:
                if late:
                    raise PeerError(f"no {starts} starts in {limit:.0f} s") from None
                raise
        times, ends = zip(*answers, strict=True)
        begins, finishes, used = zip(*times, strict=True)
        return Turn(max(finishes) - min(begins), sum(used)), [e for part in ends for e in part]

    def close(self):
        for worker in self.workers:
            worker.end()


@contextlib.contextmanager
def ended_after(limit, workers):
    """End the workers' processes where they are not done after `limit` seconds."""
    late = []

    def end():
        late.append(True)
        for worker in workers:
            worker.end()

    timer = threading.Timer(limit, end)
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def serve(name, cores, take, give):
    """What a worker does: prepare a job, then run slices of its starts when told to."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)
    job = take()
    try:
        go = peers.PEERS[name].make(job)
        give(True)
        while True:
            begin, end = take()
            getattr(go, "prepare", lambda *_: None)(begin, end)
            give(True)
            take()
            began, used = time.perf_counter(), cpu()
            ends = go(begin, end)
            times = began, time.perf_counter(), cpu() - used
            ends = ends() if callable(ends) else ends
            give((times, [(final(job.X, where), float(steps)) for where, steps in ends]))
    except EOFError:
        pass
    except ImportError as missing:
        give(f"not installed: {missing}")
    except Exception as error:
        give(f"{type(error).__name__}: {error}")


def cpu():
    """Seconds of processor time so far, those of ended children included."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def final(X, where):
    """The inertia of an end, which may be told by its centers."""
    return float(where) if np.ndim(where) == 0 else float(workloads.inertia(X, where))


def main():
    name, cores = sys.argv[1], [int(core) for core in sys.argv[2].split(",")]
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints goes elsewhere

    def give(answer):
        pickle.dump(answer, answers)
        answers.flush()

    serve(name, cores, lambda: pickle.load(sys.stdin.buffer), give)


if __name__ == "__main__":
    main()
