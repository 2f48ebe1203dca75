"""The lab and its peers on one workload: in turn, the same starts, medians, ends compared."""

import statistics
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import workers
import workloads
from peers import PEERS, Job


class Pace(NamedTuple):
    """How long is measured."""

    rounds: int
    turn: float  # seconds that a peer's turn should take
    lab: float  # the lab's turn, so that a study's fixed cost weighs as little as for its users
    limit: float  # seconds after which two starts, one on each core, are given up
    share: float  # of a workload's starts
    ways: int  # of using both cores that are tried


FULL = Pace(rounds=5, turn=1.0, lab=5.0, limit=60.0, share=1.0, ways=2)
QUICK = Pace(rounds=3, turn=0.2, lab=0.5, limit=2.0, share=0.1, ways=1)


class Row(NamedTuple):
    """One peer on one workload; of the times the medians, both cores in use."""

    peer: str
    note: str = ""  # why there are no figures
    way: str = ""
    starts: int = 0  # in a turn
    turns: int = 0
    step: float = np.nan  # seconds
    start: float = np.nan  # seconds, of the workload's mean number of steps
    pair: float = np.nan  # ns for a point, a center and a step
    busy: float = np.nan  # share of both cores that it had
    equal: str = ""  # of its ends


class Truth(NamedTuple):
    """Where the lab's starts end, by which every other end is judged."""

    inertia: np.ndarray
    n_iter: np.ndarray
    relocations: np.ndarray


def hold(name, chosen, pace, say, starts=None):
    """Rows of the peers `chosen` on the workload `name`, and the truth they are judged by."""
    workload, X = workloads.WORKLOADS[name], workloads.points(name)
    starts = max(2, int(pace.share * (starts or workload.starts)))
    indices = workloads.first_indices(name, starts)
    truth = reference(X, indices, workload.max_iter)
    job = Job(X, indices, truth.n_iter, workload.max_iter, 0)
    entered, rows = {}, {}
    for peer in chosen:
        say(f"{name}: {peer}")
        try:
            entered[peer] = best_way(PEERS[peer], job, pace)
        except workers.PeerError as error:
            rows[peer] = Row(peer, note=str(error))
    turns = take_turns(entered, pace)
    for peer, entry in entered.items():
        rows[peer] = row(PEERS[peer], entry, turns[peer], truth, len(X) * workload.k)
        entry.team.close()
    return [rows[peer] for peer in chosen], truth


class Entry(NamedTuple):
    """A peer that is ready for its turns, and how its first one went."""

    team: workers.Team
    starts: int
    turn: workers.Turn
    ends: list


def reference(X, indices, max_iter):
    """The lab's own ends, with what the peers do not tell: relocations."""
    from kmeans_lab.kernels.batch import run_batch
    from kmeans_lab.kernels.records import prepare

    problem, size = prepare(X, "none"), max(1, min(len(indices) // 8, 2_000_000 // len(X)))
    parts = [indices[a : a + size] for a in range(0, len(indices), size)]

    def run(rows):
        return run_batch(problem, X[rows], steps=False, labels="none", max_iter=max_iter)

    with ThreadPoolExecutor(2) as pool:
        batches = list(pool.map(run, parts))
    return Truth(*(np.concatenate([getattr(b, f) for b in batches]) for f in Truth._fields))


def best_way(peer, job, pace):
    """The quicker way to use both cores; gives its team, starts and seconds of a turn, ends."""
    found = []
    try:
        for way in peer.ways[: pace.ways]:
            found.append(calibrated(workers.Team(peer, way, job), job, pace))
    except workers.PeerError:
        if not found:
            raise
    found.sort(key=lambda entry: entry.turn.wall / entry.starts)
    for entry in found[1:]:
        entry.team.close()
    return found[0]


def calibrated(team, job, pace):
    """Starts that fill a turn: from two on, more until it is full or there are no more."""
    starts, full = 2, team.peer.seconds(pace)
    try:
        team.ready()
        turn, ends = team.run(2, pace.limit)
        if turn.wall < pace.limit / 2:  # that was for warming
            turn, ends = team.run(2, pace.limit)
        fixed = 0.9 * turn.wall if team.peer.is_lab else 0.0  # not for each start
        while (more := wanted(starts, turn.wall - fixed, full, len(job.indices))) > 1.5 * starts:
            starts = more
            turn, ends = team.run(starts, pace.limit)
    except workers.PeerError:
        team.close()
        raise
    return Entry(team, starts, turn, ends)


def wanted(starts, seconds, full, most):
    """Starts that take `full` seconds, at most ten times those that took `seconds`."""
    return min(most, int(starts * min(10, full / max(seconds, 1e-9))))


def take_turns(entered, pace):
    """What each turn took; everyone gets as many, so that a median is of as many."""
    turns = {peer: [] for peer in entered}
    for _ in range(pace.rounds):
        for peer, entry in entered.items():
            turns[peer].append(entry.team.run(entry.starts)[0])
    return turns


def row(peer, entry, turns, truth, pairs):
    made = np.minimum(truth.n_iter[: entry.starts], peer.most_steps).sum()
    step = statistics.median(t.wall for t in turns) / made
    busy = sum(t.cpu for t in turns) / sum(2 * t.wall for t in turns)
    judged = agreement(peer, entry.starts, entry.ends, truth)
    start, pair = step * truth.n_iter.mean(), 1e9 * step / pairs
    known = (entry.team.way, entry.starts, len(turns), step, start, pair, busy, judged)
    return Row(peer.name, "", *known)


def agreement(peer, starts, ends, truth):
    """How many ends are the lab's, to 1e-9 of the inertia; starts that relocated are left out."""
    usual = truth.relocations[:starts] == 0
    inertia, got = truth.inertia[:starts], np.array([inertia for inertia, _ in ends])
    if not peer.lloyd:
        return "another algorithm"
    if peer.best_only:
        inertia, got, usual = inertia.min(keepdims=True), got.min(keepdims=True), np.array([True])
    refused, off = np.isnan(got) & usual, np.abs(got / inertia - 1)
    elsewhere = usual & (off > (1e-4 if peer.float32 else 1e-9))
    told = [f"{usual.sum() - elsewhere.sum() - refused.sum()} of {usual.sum()}"]
    told += [f"others off by up to {off[elsewhere].max():.0e}"] if any(elsewhere) else []
    told += [f"{refused.sum()} refused"] if any(refused) else []
    told += [f"{(~usual).sum()} left out"] if any(~usual) else []
    return ", ".join(told)
