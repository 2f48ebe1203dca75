"""The k-means of the page's script against the lab's own, to the bit, and its films."""

import math
from base64 import b64decode, b64encode
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmeans_lab.kernels.batch import run_batch
from kmeans_lab.kernels.lloyd import STATUS
from kmeans_lab.kernels.records import prepare
from kmeans_lab.trace.trace import from_batch
from starts import trace_of
from strategies import problems

pytestmark = pytest.mark.browser
RULES = st.fixed_dictionaries(
    {
        "empty": st.sampled_from(["relocate", "keep", "fail"]),
        "tol": st.sampled_from([0.0, 0.0, 1e-4, 0.3]),
        "max_iter": st.sampled_from([1, 4, 300]),
    }
)
# Numbers go to the page and back as bytes: on their way as digits some lose their last bit.
BYTES = """
const numbers = text => new Float64Array(Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer);
const bytes = list => btoa(String.fromCharCode(...new Uint8Array(Float64Array.from(list).buffer)));
"""
START = """([X, d, first, rules]) => {
  const points = numbers(X), firsts = numbers(first), k = firsts.length / d, steps = [];
  const limit = rules.limit === null ? null : numbers(rules.limit)[0];
  const made = KMeansLab.steps(points, d, firsts, { ...rules, limit });
  let next = made.next();
  for (; !next.done; next = made.next()) {
    const silhouette = KMeansLab.silhouette(points, d, next.value.labels, k);
    steps.push({ ...next.value, silhouette });
  }
  const start = { ...next.value, steps, k, init: "random" };
  const frames = KMeansLab.framesOf(start);
  const rows = name => bytes(steps.flatMap(step => Array.from(step[name])));
  return { ...start, frames, steps: steps.length, labels: rows("labels"), centers: rows("centers"),
    last: bytes(start.centers || []), outcome: bytes([start.inertia ?? NaN]),
    scores: bytes(steps.map(step => step.silhouette ?? NaN)),
    inertia: bytes(steps.map(step => step.inertia)), moved: steps.map(step => step.moved),
    relocated: steps.map(step => step.relocated) };
}"""


@pytest.fixture(scope="session")
def lab(browser):
    """A page with the script."""
    page = browser.new_page()
    for name in ("kmeans.js", "filming.js"):
        page.add_script_tag(content=(files("kmeans_lab.assets") / name).read_text("utf-8"))
    page.add_script_tag(content=BYTES)
    yield page
    page.close()


def packed(values):
    """Numbers as text."""
    return b64encode(np.asarray(values, dtype="<f8").tobytes()).decode()


def numbers(text):
    """And back."""
    return np.frombuffer(b64decode(text), "<f8")


def played(lab, X, first, max_iter, empty, limit=None):
    """What the script makes of a start."""
    rules = {
        "maxIter": max_iter,
        "empty": empty,
        "limit": None if limit is None else packed([limit]),
    }
    return lab.evaluate(START, [packed(X), X.shape[1], packed(first), rules])


def check(found, trace):
    """Equal in every bit but the silhouette's last, which is a mean of plain sums."""
    assert found["status"] == trace.status
    assert found["steps"] == trace.steps
    centers = np.concatenate([numbers(found["centers"]), numbers(found["last"])])
    np.testing.assert_array_equal(centers, trace.centers.ravel())
    np.testing.assert_array_equal(numbers(found["labels"]), trace.labels.ravel())
    np.testing.assert_array_equal(numbers(found["inertia"]), trace.inertia)
    np.testing.assert_array_equal(numbers(found["outcome"]), [trace.outcome_inertia])
    assert found["moved"] == trace.moved.tolist()
    np.testing.assert_allclose(numbers(found["scores"]), trace.silhouette, atol=1e-10, rtol=0)
    assert [frame[4] for frame in found["frames"]] == [frame["description"] for frame in trace]
    assert [frame[0] for frame in found["frames"]] == [frame["phase"] for frame in trace]


@settings(max_examples=150)
@given(problems(), RULES)
def test_starts_of_the_script_are_those_of_the_lab(lab, problem, rules):
    X, first = problem
    ready = prepare(X)
    trace = from_batch(X, len(first), run_batch(ready, first[None], **rules), init="random")
    limit = rules["tol"] * ready.variance if rules["tol"] else None
    check(played(lab, X, first, rules["max_iter"], rules["empty"], limit), trace)


@pytest.mark.parametrize("seed", [7, 128])
def test_the_notebooks_starts_are_in_the_script(lab, iris2, seed):
    first = iris2[np.random.default_rng(seed).choice(150, 3, replace=False)]
    found = played(lab, iris2, first, 15, "relocate")
    check(found, trace_of(iris2, 3, seed, max_iter=15))
    assert (len(found["frames"]), found["steps"], found["status"]) == (31, 15, "max_iter")


def test_a_cycle_relocations_and_a_tie_are_in_the_script(lab):
    X = np.array([[0.0], [0.0], [1.0], [1.0]])  # three clusters, two places: a cycle
    trace = trace_of(X, 3)
    found = played(lab, X, X[np.random.default_rng(0).choice(4, 3, replace=False)], 300, "relocate")
    check(found, trace)
    assert found["status"] == "cycle"
    assert sum(found["relocated"]) > 0
    tie = played(lab, np.array([[0.0], [1.0], [2.0]]), np.array([[0.0], [2.0]]), 1, "keep")
    assert numbers(tie["labels"]).tolist() == [0, 0, 1]


def test_every_ending_is_met(rng):
    """The cases above would hold of nothing if no such start were drawn."""
    X = rng.integers(0, 3, size=(20, 2)).astype(float)
    first = X[rng.integers(0, 20, size=(200, 5))]
    ends = set()
    for rules in ({"empty": "fail"}, {"tol": 0.3}, {"max_iter": 1}, {}):
        ends |= {STATUS[status] for status in run_batch(prepare(X), first, **rules).status}
    assert ends >= {"converged", "empty_cluster", "tol", "max_iter"}


@pytest.mark.parametrize("m", [0, 1, 2, 5, 40])
def test_sums_are_rounded_once(lab, rng, m):
    values = rng.choice([-1.0, 1.0], (300, m)) * rng.integers(1, 2**53, (300, m))
    values *= 2.0 ** rng.integers(-60, 60, (300, m))
    halves = rng.choice([1.0, 2.0**-53, -(2.0**-53), 2.0**-106, 1 + 2.0**-52], (300, m))
    rows = np.concatenate([values, halves])
    sums = "rows => bytes(rows.map(row => KMeansLab.fsum(numbers(row))))"
    found = numbers(lab.evaluate(sums, [packed(row) for row in rows]))
    assert found.tolist() == [math.fsum(row) for row in rows]
