"""The results as Markdown, for who wants to know what was measured, how, and what it means."""

import datetime
import importlib.metadata
import os
import platform
import shutil
import subprocess
from pathlib import Path

from clock import Figure
from peers import PEERS
from tables import LABS, contest, duration, figures, pipeline

# Ratios to the best peer that runs Lloyd: through kl.run, and in the kernels alone.
TARGETS = {"iris2": (30, 130), "s1": (25, 31), "birch1": (60, 68), "digits": (6, 7)}
TARGETS["blobs16"] = (2.5, 2.5)
HARTIGAN_WONG = {"birch1": 18}
PIPELINE = {"iris2": 1200, "s1": 1500}

HEAD = """# How fast, beside its peers

Written by `make bench{quick}` on {date}, Python {python}, {system}, {cores} cores: {processor}.

{packages}

**How.** Everyone gets the same points and the same first centers, those of the seeds 0, 1, …, and
runs Lloyd's iteration until no label changes (tolerance 0). Everyone has both cores: two processes
that share the starts, or its own threads, {ways}.
They take turns; a time is the median of the turns. A turn is as many starts as fit into it, two at
least; as starts differ in their steps, *a start* is the time of a step × the workload's mean number
of steps. *ns* is the time of a step divided by points × centers, whatever was computed for it or
skipped. Compiling and first calls are left out. *Equal ends* are starts that end at the lab's
inertia to 1e-9 of it (peers marked ³² compute in float32: 1e-4). Starts in which a cluster emptied
are left out there, since the rules for it differ. Others end elsewhere where a point is equally
near two centers, or nearly, as happens with data on a grid (the handwritten digits are whole
numbers): the lab takes the lower index; who moves the origin or expands the square decides by its
rounding.

**How each is called.** scikit-learn and intelex: `n_init` is one fit for all starts of a process,
with a callable `init`, so that its checks are paid once, and keeps the best start only; `fits` is
one fit a start, as it takes to keep every outcome. FAISS and SciPy have no test of convergence and
are told how many steps each start takes. OpenCV takes first labels, which are made for it
beforehand, and stops after 100 steps. R's Hartigan–Wong is another algorithm, with better ends;
where R is stopped before it converges (blobs16), its inertia is that of labels one assign older.
The lab: `kl.run` is the whole call with `steps = false`, no silhouette, no labels, its `runs` on
disk at the end; `kernels` are the compiled loops alone on two threads.
"""

QUICKLY = "but in this quick run the former only, and some peers are not in it"

LIMITS = """## This machine's ceiling

Loops that do nothing else, float64, the quickest of all vector widths, on one core and on two: a
subtraction with a multiply-add {t1:.4f} and {t2:.4f} ns, a comparison with its selections {c1:.4f}
and {c2:.4f} ns, memory read at {b1:.1f} and {b2:.1f} GB/s. Brute force needs, for a point and a
center, one of the former per feature and one of the latter. *Of the ceiling* in the tables is that
time divided by the measured one: above 1, work was avoided that brute force cannot avoid.
"""


def write(results, quick):
    """The whole page. results: what `__main__` has measured, by part."""
    parts = [head(quick)]
    if targets := list(judged(results)):
        parts.append("## Figures to reach\n\n" + figures(targets))
        parts += missed(targets)
    if ceiling := results.get("ceiling"):
        parts.append(limits(ceiling))
    for name, (rows, truth) in results.get("starts", {}).items():
        parts.append(contest(name, rows, truth, ceiling))
    for name, (rows, _) in results.get("pipeline", {}).items():
        parts.append(pipeline(name, rows))
    parts.append(load(results))
    return "\n".join(parts)


def head(quick):
    names = dict.fromkeys(p.package for p in PEERS.values() if p.package != "R")
    told = ", ".join(f"{name} {version(name)}" for name in (*names, "numba"))
    return HEAD.format(
        quick=" QUICK=1" if quick else "",
        ways=QUICKLY if quick else "whichever is quicker",
        date=datetime.date.today(),
        python=platform.python_version(),
        system=platform.system(),
        cores=os.cpu_count(),
        processor=processor(),
        packages=f"{told}, R {r_version()}.",
    )


def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "(missing)"


def r_version():
    if not shutil.which("Rscript"):
        return "(missing; on Debian: apt-get install r-base-core)"
    call = ["Rscript", "--vanilla", "-e", "cat(as.character(getRversion()))"]
    return subprocess.run(call, capture_output=True, text=True).stdout


def processor():
    """The model, and the widest vectors it says it has."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    found = dict(line.split("\t: ", 1) for line in reversed(lines) if "\t: " in line)
    told = {key.strip(): value for key, value in found.items()}
    wide = "AVX-512" if "avx512f" in told.get("flags", "") else "no AVX-512"
    family = f"family {told.get('cpu family')} model {told.get('model')}"
    return f"{told.get('model name', platform.machine())} ({family}, {wide})"


def judged(results):
    """Every figure that has a target."""
    for name, (rows, _) in results.get("starts", {}).items():
        yield from against_peers(name, {row.peer: row for row in rows if not row.note})
    yield from late_steps(results.get("starts", {}))
    for name, (rows, _) in results.get("pipeline", {}).items():
        ours, theirs = rows
        if not (ours.note or theirs.note):
            told = f"{duration(ours.start)} a start, notebook {duration(theirs.start)}"
            yield Figure(f"{name}, whole pipeline", told, theirs.step / ours.step, PIPELINE[name])
    for part in ("pictures", "startup", "growth", "scaling", "forecasts"):
        yield from results.get(part, [])


def against_peers(name, rows):
    rivals = [r for p, r in rows.items() if p not in LABS and PEERS[p].lloyd]
    best = min(rivals, key=lambda row: row.step, default=None)
    for lab, target in zip(LABS, TARGETS.get(name, (None, None)), strict=True):
        if lab in rows and best:
            told = f"{duration(rows[lab].start)} a start, {best.peer} {duration(best.start)}"
            what = f"{name}, {lab.removeprefix('lab: ')}"
            yield Figure(what, told, best.step / rows[lab].step, target)
    if name in HARTIGAN_WONG and {"R Hartigan-Wong", LABS[0]} <= rows.keys():
        ours, theirs = rows[LABS[0]], rows["R Hartigan-Wong"]
        told = f"{duration(ours.start)} a start, R {duration(theirs.start)}"
        yield Figure(f"{name}, Hartigan–Wong", told, theirs.step / ours.step, HARTIGAN_WONG[name])


def missed(targets):
    """What `missed.md` tells of the figures that are: what was tried, where the limit lies."""
    told = Path(__file__).with_name("missed.md").read_text(encoding="utf-8")
    reasons = dict(part.split("\n", 1) for part in told.split("\n## ")[1:])
    names = [figure.what for figure in targets if figure.target is not None and not figure.met]
    found = [f"**{name}.** {reasons.get(name, 'Not looked into yet.').strip()}\n" for name in names]
    return ["## What was missed, and why\n", *found] if found else []


def late_steps(starts):
    """What a step costs on the whole way to convergence, beside one of the first 25."""
    found = [
        row
        for name in ("blobs16", "blobs16-end")
        for row in starts.get(name, ([],))[0]
        if row.peer == LABS[1] and not row.note
    ]
    if len(found) == 2:
        early, whole = (row.step for row in found)
        told = f"{duration(whole)} beside {duration(early)}"
        yield Figure(
            "blobs16, steps to the end and first 25", told, whole / early, 1.0, least=False
        )


def limits(ceiling):
    (t1, t2), (c1, c2), (b1, b2) = ceiling
    return LIMITS.format(t1=t1, t2=t2, c1=c1, c2=c2, b1=b1, b2=b2)


def load(results):
    """How much of both cores those got that keep two processes busy."""
    tables = [*results.get("starts", {}).values(), *results.get("pipeline", {}).values()]
    shares = [
        r.busy for rows, _ in tables for r in rows if r.way == "two processes" and r.busy > 0.01
    ]
    if not shares:
        return ""
    mean = sum(shares) / len(shares)
    told = f"Those in two processes had {mean:.0%} of both cores during their turns"
    return f"{told}{'.' if mean > 0.9 else ': the machine had other work, so measure again.'}\n"
