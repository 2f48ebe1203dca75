"""The measured figures as tables in Markdown."""

import workloads
from peers import PEERS

UNITS = (("s", 1), ("ms", 1e-3), ("µs", 1e-6))
LABS = ("lab: kl.run", "lab: kernels")

CONTEST = """## {name}: {told}

n = {n:,}, d = {d}, k = {k}{origin}; {steps:.1f} steps a start on average; {relocated} of {starts:,}
starts relocated a center.
"""
PIPELINE = """## {name}: the whole pipeline

Every step with its labels and its exact silhouette: `kmeans-lab run --no-report`, its process from
the first to the last and everything on disk, beside the teaching notebook's way with its faults
mended (NumPy, frames in memory, scikit-learn's `silhouette_score` for every assign).
"""
COLUMNS = ("", "a start", "ns", "kl.run is faster", "kernels are", "of the ceiling")
TURNS = ("starts × turns", "both cores as, used", "equal ends")


def table(columns, rows):
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def figures(rows):
    """Each figure beside what it should be."""
    return table(("what", "measured", "figure", "to reach", ""), map(figure, rows))


def figure(f):
    if f.target is None:
        return f.what, f.measured, f"{f.value:.3g}", "", ""
    bound = f"{'≥' if f.least else '≤'} {f.target:g}"
    verdict = "met" if f.met else "**missed**"
    return f.what, f.measured, f"{f.value:.3g}{'×' * f.least}", bound, verdict


def contest(name, rows, truth, ceiling):
    """One workload: all peers, the quickest first."""
    w, X = workloads.WORKLOADS[name], workloads.points(name)
    told = CONTEST.format(
        name=name,
        told=w.told,
        n=len(X),
        d=X.shape[1],
        k=w.k,
        origin=" (a stand-in: the reference file is missing)" * workloads.is_stand_in(name),
        steps=truth.n_iter.mean(),
        relocated=(truth.relocations > 0).sum(),
        starts=len(truth.n_iter),
    )
    known = {row.peer: row for row in rows}
    least = ceiling.pair(X.shape[1]) if ceiling else float("nan")
    lines = [cells(row, known, least) for row in quickest_first(rows)]
    return f"{told}\n{table((*COLUMNS, *TURNS), lines)}"


def quickest_first(rows):
    return sorted(rows, key=lambda row: (bool(row.note), row.step))


def cells(row, known, least):
    name = row.peer + " ³²" * PEERS[row.peer].float32
    if row.note:
        return [name, row.note, *[""] * 7]
    ratios = [f"{row.step / known[lab].step:.3g}×" if lab in known else "" for lab in LABS]
    return [
        name,
        duration(row.start),
        f"{row.pair:.3g}",
        *ratios,
        f"{least / row.pair:.2g}",
        *turns(row),
    ]


def turns(row):
    used = f", {row.busy:.0%}" * (row.busy > 0.01)  # R's processes do not tell
    return f"{row.starts:,} × {row.turns}", row.way + used, row.equal


def pipeline(name, rows):
    """The lab's command beside the notebook's way."""
    lines = [[row.peer, row.note or duration(row.start), *turns(row)] for row in rows]
    return f"{PIPELINE.format(name=name)}\n{table(('', 'a start', *TURNS), lines)}"


def duration(seconds):
    unit, size = next((u for u in UNITS if seconds >= u[1]), UNITS[-1])
    return f"{seconds / size:.3g} {unit}"
