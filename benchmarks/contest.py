"""The lab and its peers on one workload: in turn, the same starts, medians, ends compared."""

import statistics
from typing import NamedTuple

import numpy as np
import workers
import workloads
from peers import PEERS, Job


class Pace(NamedTuple):
    """How long is measured."""

    rounds: int
    turn: float  # seconds that a peer's turn should take
    limit: float  # seconds after which a first start is given up


FULL = Pace(rounds=5, turn=1.5, limit=60.0)
QUICK = Pace(rounds=3, turn=0.2, limit=4.0)


class Row(NamedTuple):
    """One peer on one workload."""

    peer: str
    way: str
    starts: int  # in a turn
    rounds: int
    step_seconds: float  # both cores, wall; medians
    start_seconds: float  # of the workload's mean number of steps
    pair_ns: float  # a point, center and step
    equal: str  # of its ends
    note: str  # why there are no figures, else ""


class Truth(NamedTuple):
    """Where the lab's starts end, by which every other end is judged."""

    inertia: np.ndarray
    n_iter: np.ndarray
    relocations: np.ndarray


def hold(name, chosen, pace, say):
    """Rows of the peers named `chosen` on the workload `name`."""
    workload, X = workloads.WORKLOADS[name], workloads.points(name)
    indices = workloads.first_indices(name, starts_of(workload, pace))
    truth = reference(X, indices, workload.max_iter)
    job = Job(X, indices, truth.n_iter, workload.max_iter, 0)
    teams, rows = {}, {}
    for peer in chosen:
        say(f"{name}: {peer}")
        try:
            teams[peer] = best_way(PEERS[peer], job, pace)
        except workers.Failed as failed:
            rows[peer] = empty_row(peer, str(failed))
    times = take_turns(teams, pace)
    for peer, (team, starts, _, ends) in teams.items():
        rows[peer] = row(PEERS[peer], team.way, starts, times[peer], ends, truth, X, workload)
        team.close()
    return [rows[peer] for peer in chosen], truth


def starts_of(workload, pace):
    return workload.starts if pace is FULL else max(2, workload.starts // 10)


def reference(X, indices, max_iter):
    """The lab's own ends, with what the peers do not tell: relocations."""
    from kmeans_lab.kernels.lloyd import prepare, run_batch

    problem, size = prepare(X, "none"), max(1, 2_000_000 // len(X))
    chosen = {"steps": False, "labels": "none", "max_iter": max_iter}
    batches = [
        run_batch(problem, X[indices[a : a + size]], **chosen) for a in range(0, len(indices), size)
    ]
    return Truth(*(np.concatenate([getattr(b, f) for b in batches]) for f in Truth._fields))


def best_way(peer, job, pace):
    """The quicker way to use both cores; gives its team, starts and seconds of a turn, ends."""
    found = []
    try:
        for way in peer.ways:
            found.append(calibrated(workers.Team(peer, way, job), job, pace))
    except workers.Failed:
        if not found:
            raise
    found.sort(key=lambda each: each[2] / each[1])
    for team, *_ in found[1:]:
        team.close()
    return found[0]


def calibrated(team, job, pace):
    """Starts that fill a turn: from two on, more until it is full or there are no more."""
    try:
        team.ready()
        team.run(2, pace.limit)  # what only a first call costs
        starts, wanted = 0, 2
        turn = pace.turn * (2 if team.way == "two threads" else 1)
        while starts < wanted:
            starts = wanted
            seconds, ends = team.run(starts, pace.limit)
            if seconds < turn / 2:
                wanted = min(len(job.indices), max(starts, int(starts * min(10, turn / seconds))))
    except workers.Failed:
        team.close()
        raise
    return team, starts, seconds, ends


def take_turns(teams, pace):
    """Seconds of each turn; the slow ones get fewer turns, one at least."""
    times = {peer: [] for peer in teams}
    for turn in range(pace.rounds):
        for peer, (team, starts, seconds, _) in teams.items():
            if turn * seconds <= pace.rounds * 2 * pace.turn:
                times[peer].append(team.run(starts)[0])
    return times


def row(peer, way, starts, times, ends, truth, X, workload):
    seconds = statistics.median(times)
    step = seconds / truth.n_iter[:starts].sum()
    start, pair = step * truth.n_iter.mean(), 1e9 * step / len(X) / workload.k
    judged = agreement(peer, starts, ends, truth)
    return Row(peer.name, way, starts, len(times), step, start, pair, judged, "")


def empty_row(peer, note):
    return Row(peer, "", 0, 0, np.nan, np.nan, np.nan, "", note)


def agreement(peer, starts, ends, truth):
    """How many ends are the lab's, to 1e-9 of the inertia; starts that relocated are left out."""
    usual = truth.relocations[:starts] == 0
    inertia, got = truth.inertia[:starts], np.array([inertia for inertia, _ in ends])
    if not peer.lloyd:
        return "another algorithm"
    if peer.best_only:
        inertia, got, usual = inertia.min(keepdims=True), got.min(keepdims=True), np.array([True])
    refused, bound = np.isnan(got) & usual, 1e-4 if peer.float32 else 1e-9
    equal = usual & (np.abs(got - inertia) <= bound * inertia)
    told = f"{equal.sum()} of {usual.sum()}" + (f", {refused.sum()} refused" * any(refused))
    return told + (f", {len(usual) - usual.sum()} left out" * (not all(usual)))
