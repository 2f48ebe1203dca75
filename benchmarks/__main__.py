"""python benchmarks [--quick] [--only s1,grid] [--peers lab,FAISS]: what `make bench` runs."""

import argparse
import sys

import contest
import workloads
from peers import PEERS


def main():
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about two minutes")
    parser.add_argument(
        "--only", default="", help="parts, with commas: " + " ".join(workloads.WORKLOADS)
    )
    parser.add_argument("--peers", default="", help="beginnings of names, with commas")
    asked = parser.parse_args()
    pace = contest.QUICK if asked.quick else contest.FULL
    chosen = [p for p in PEERS if p.startswith(tuple(asked.peers.split(",")))]
    for name in asked.only.split(",") if asked.only else workloads.WORKLOADS:
        rows, truth = contest.hold(name, chosen, pace, say)
        print(f"{name}: {truth.n_iter.mean():.1f} steps")
        for row in rows:
            print(
                f"  {row.peer:27} {row.start_seconds * 1e6:12.2f} µs  {row.pair_ns:8.4f} ns  "
                f"{row.starts:6} x {row.rounds} {row.way:18} {row.equal} {row.note}",
                flush=True,
            )


def say(line):
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
