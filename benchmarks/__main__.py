"""The lab beside its peers; `make bench` writes RESULTS.md, a choice of parts is only shown.

The quick run writes RESULTS-quick.md, so that the page of the full one stays.
"""

import argparse
import importlib
import os
import sys
import tempfile
import time
from pathlib import Path

import ceiling
import contest
import report
import workloads
from peers import PEERS, PIPELINE

FIGURES = ("startup", "growth", "scaling", "forecasts", "pictures")
PIPELINES = {"pipeline-iris2": ("iris2", 300_000), "pipeline-s1": ("s1", 3000)}
# A child's peak memory is at least its parent's, so what measures it comes while this one is small.
PARTS = (*FIGURES, "ceiling", *workloads.WORKLOADS, *PIPELINES)
LONG = ("blobs16-end", "pipeline-s1")  # not in the quick run, nor:
TO_THE_END = ("lab", "FAISS", "scikit-learn n_init", "intelex n_init")  # in blobs16-end
SLOW = ("mlpack", "SciPy", "scikit-learn elkan", "scikit-learn fits", "intelex", "OpenCV", "R ")


def main():
    asked = arguments()
    pace = contest.QUICK if asked.quick else contest.FULL
    everything = [part for part in PARTS if not (asked.quick and part in LONG)]
    parts = asked.only or everything
    with tempfile.TemporaryDirectory() as cache:
        if "startup" in parts:  # times the first compile, which then serves all others
            os.environ["KMEANS_LAB_CACHE"] = cache
        results = measured(parts, contestants(asked), pace, asked.quick)
    page = report.write(results, asked.quick)
    print(page)
    if not (asked.only or asked.peers):
        name = "RESULTS-quick.md" if asked.quick else "RESULTS.md"
        Path(__file__).with_name(name).write_text(page, encoding="utf-8")


def arguments():
    parser = argparse.ArgumentParser(prog="python benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything, within 3 minutes")
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=" ".join(PARTS))
    parser.add_argument("--peers", nargs="+", metavar="NAME", help="beginnings of names, as lab R")
    return parser.parse_args()


def contestants(asked):
    names = [name for name in PEERS if name not in PIPELINE]
    if asked.peers:
        return [name for name in names if name.startswith(tuple(asked.peers))]
    return [name for name in names if not (asked.quick and name.startswith(SLOW))]


def measured(parts, peers, pace, quick):
    """What each part gave."""
    results = {"starts": {}, "pipeline": {}}
    for part in parts:
        began = time.perf_counter()
        say(part)
        if part == "ceiling":
            results[part] = ceiling.measure()
        elif part in FIGURES:
            results[part] = list(importlib.import_module(part).measure(quick))
        elif part in PIPELINES:
            name, starts = PIPELINES[part]
            longer = pace._replace(turn=2.5 * pace.turn, lab=2.5 * pace.lab, limit=120.0)
            results["pipeline"][name] = contest.hold(name, PIPELINE, longer, say, starts)
        else:
            chosen = [p for p in peers if part != "blobs16-end" or p.startswith(TO_THE_END)]
            results["starts"][part] = contest.hold(part, chosen, pace, say)
        say(f"{part}: {time.perf_counter() - began:.0f} s")
    return results


def say(line):
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
