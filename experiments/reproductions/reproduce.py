"""Published figures about starts, and ours beside them; `make reproduce` writes REPRODUCTIONS.md.

The published tables and the points, which may not be shipped, are read from a folder (default: the
folder shared/data beside the checkout): `reference-initializers.csv`, `reference-optima.csv`,
`X.csv` and `X.gt-centroids.csv` for each set X.
"""

import argparse
import csv
import math
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

import kmeans_lab as kl
from kmeans_lab.reference import references
from kmeans_lab.spec.spec import read
from kmeans_lab.statistics import centroid_index

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[2] / "shared" / "data"
PAGE = HERE / "REPRODUCTIONS.md"
SETS = ("s1", "s2", "a1", "unbalance", "dim032")  # of the SIPU collection
SMALL = ("iris", "ruspini", "german-postal")
THEIRS = {  # our init by the name in the published table
    "random_centroids": "random",
    "random_partition": "random-partition",
    "maxmin": "maximin",
    "kmeans++": "k-means++",
    "luxburg": "luxburg",
    "bradley_J10": "bradley-fayyad",
}
SAMPLE = 50  # starts behind each mean of the small sets
APART = 3.0  # standard errors from which a difference is explained, not chance
MANY = 10_000  # seeds that are held against the census


class Row(NamedTuple):
    """A published figure and ours; spread: the standard deviation of single starts of ours."""

    data: str
    what: str
    measure: str
    published: float
    starts: int  # behind the published figure
    ours: float
    spread: float
    size: int  # of our sample
    rounding: float = 0.0  # half of the last digit printed

    @property
    def errors(self) -> float:
        """The difference beyond rounding, in standard errors of it."""
        error = self.spread * math.sqrt(1 / self.starts + 1 / self.size)
        apart = max(0.0, abs(self.ours - self.published) - self.rounding)
        sign = math.copysign(1.0, self.ours - self.published)
        return sign * (apart / error if error else math.inf * (apart > 0) if apart else 0.0)


def main() -> int:
    """Run the studies and write the page; 1 where the reference folder is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reference", type=Path, default=SHARED, metavar="DIR")
    folder = parser.parse_args().reference
    if not (folder / "reference-initializers.csv").is_file():
        print(f"reproduce: no reference-initializers.csv in {folder}; see {HERE.name}/README.md")
        return 1
    with tempfile.TemporaryDirectory() as results:
        rows = [*initializers(folder, results), *small_sets(folder, results)]
        census = [*census_lines(results)]
    PAGE.write_text("\n".join(page(rows, census)) + "\n", encoding="utf-8")
    print(f"reproduce: {PAGE}")
    return 0


def study(file: str, base: Path, results: str, **changes: object) -> kl.Study:
    """The study of a spec that stands here, its points read from `base`."""
    print(f"reproduce: {file}", file=sys.stderr)
    spec = replace(read(HERE / f"{file}.toml"), base=base, **changes)
    return kl.run(spec, results=results)


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with a header."""
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def initializers(folder: Path, results: str) -> Iterator[Row]:
    """Centroid Index, success and steps of inits over the SIPU sets."""
    published = table(folder / "reference-initializers.csv")
    for data in SETS:
        made = study(data, folder, results)
        truth = np.loadtxt(folder / f"{data}.gt-centroids.csv", delimiter=",")
        for line in published:
            if line["data"] == data and line["method"] in THEIRS:
                yield from _of_init(made, line, truth)


def _of_init(made: kl.Study, line: dict[str, str], truth: np.ndarray) -> Iterator[Row]:
    init, count = THEIRS[line["method"]], int(line["runs"])
    starts = made.starts(made.cell(init=init))
    centers = np.stack(starts["centers"]).reshape(len(starts), *truth.shape)
    index = centroid_index(centers, truth).larger
    measures = {
        "Centroid Index": (index, "ci_after_mean", 1.0),
        "success, %": (index == 0, "success_pct", 100.0),
        "steps": (starts["n_iter"].to_numpy(), "iterations_mean", 1.0),
    }
    for measure, (values, column, unit) in measures.items():
        values = unit * np.asarray(values, dtype=float)
        spread = max(values.std(ddof=1), unit * 0.5 / len(values))
        printed, rounding = float(line[column]), rounding_of(line[column])
        ours = float(values.mean()), float(spread), len(values), rounding
        yield Row(line["data"], init, measure, printed, count, *ours)


def small_sets(folder: Path, results: str) -> Iterator[Row]:
    """Mean inertia and steps of random starts, and the best inertia, on small sets."""
    published = table(folder / "reference-optima.csv")
    for data in SMALL:
        made = searched(study(data, folder, results))
        for line in (row for row in published if row["data"] == data):
            starts = made.starts(made.cell(k=int(line["k"])))
            about = data, f"random, k = {line['k']}"
            for measure, column in (
                ("mean inertia", "published_mean_50_starts"),
                ("steps", "published_mean_iterations"),
            ):
                values = starts["inertia" if "inertia" in measure else "n_iter"].to_numpy(float)
                ours = float(values.mean()), float(values.std(ddof=1)), len(values)
                text = line[column]
                yield Row(*about, measure, float(text), SAMPLE, *ours, rounding_of(text))
            best, known = made.best(data, int(line["k"])), float(line["best_known_sse"])
            yield Row(*about, "lowest inertia", known, 1, best, 0.0, len(starts), 1e-9 * known)


def searched(made: kl.Study) -> kl.Study:
    """The study with its reference search."""
    references.complete(made.store, lambda line: None)
    return kl.open(made.folder)


def rounding_of(text: str) -> float:
    """Half of the last digit that was printed."""
    digits, _, power = text.partition("e")
    return 0.5 * 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))


def census_lines(results: str) -> Iterator[str]:
    """The optima of Iris with their exact shares, and those of seeds."""
    from scipy.stats import chisquare

    exact = study("iris-census", HERE, results)
    sample = study("iris-census", HERE, results, runs=MANY, name="reproduce-iris-sample")
    found = exact.optima.set_index("partition")
    counts = sample.runs["partition"].value_counts().reindex(found.index, fill_value=0)
    expected = found["share"] * len(sample.runs)
    often = expected >= 5
    observed = [*counts[often], len(sample.runs) - counts[often].sum()]
    wanted = [*expected[often], len(sample.runs) - expected[often].sum()]
    test = chisquare(observed, wanted)
    yield f"All {len(exact.runs):,} starts end in {len(found)} optima; the ten likeliest:"
    yield ""
    yield f"| inertia | starts | exact share | share of {MANY:,} seeds |"
    yield "| ---: | ---: | ---: | ---: |"
    for partition, row in found.sort_values("starts", ascending=False)[:10].iterrows():
        share = counts[partition] / len(sample.runs)
        yield f"| {row['inertia']:.6f} | {row['starts']:,} | {row['share']:.4%} | {share:.2%} |"
    yield ""
    yield (
        f"Chi-square of the seeds against the exact shares (optima expected fewer than 5 times "
        f"together): {test.statistic:.1f} with {len(observed) - 1} degrees of freedom, "
        f"p = {test.pvalue:.2f}."
    )


def page(rows: list[Row], census: list[str]) -> Iterator[str]:
    """The lines of REPRODUCTIONS.md."""
    yield (HERE / "preface.md").read_text(encoding="utf-8").strip()
    far = [row for row in rows if abs(row.errors) > APART]
    yield f"\nOf {len(rows)} figures {len(rows) - len(far)} agree within {APART:g} standard errors."
    yield (HERE / "explained.md").read_text(encoding="utf-8").rstrip() if far else ""
    for title, chosen in (
        ("Initializers on the SIPU sets", [r for r in rows if r.data in SETS]),
        ("Random starts on small sets", [r for r in rows if r.data in SMALL]),
    ):
        yield f"\n## {title}\n"
        yield "| data | init | measure | published | ours | difference, standard errors |"
        yield "| --- | --- | --- | ---: | ---: | ---: |"
        for row in chosen:
            mark = " **far**" if row in far else ""
            values = f"{row.published:.6g} | {row.ours:.6g} | {row.errors:+.1f}{mark}"
            yield f"| {row.data} | {row.what} | {row.measure} | {values} |"
    yield "\n## Every start on Iris, k = 3\n"
    yield from census


if __name__ == "__main__":
    sys.exit(main())
