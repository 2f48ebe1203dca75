"""What the words of a report mean, and the names of its numbers; see numbers.py for these."""

import math

from .page import Line, Span
from .verdict import DEGREE, DEGREES, NEVER


def term(word: str, meaning: str, *sources: str) -> tuple[str, Line]:
    """A word with its meaning, and where its definition comes from.

    sources: each a text and its address; without any, the definition is the report's own.
    """
    if not sources:
        return word, (f"{meaning} Defined here.",)
    links: list[str | Span] = []
    for text, url in zip(sources[::2], sources[1::2], strict=True):
        links += ["; ", Span(text, "link", url)]
    return word, (meaning, " Source: ", *links[1:], ".")


def _degrees() -> str:
    """From where on the start is said to matter how much."""
    limits = (
        (f"up to {100 * most:g}\u00a0%" if most < math.inf else "above that") + f" it {words}"
        for most, words in DEGREES.items()
    )
    return (
        "By the mean gap of the init where it is largest (where there is none, it counts as "
        f"100\u00a0%): {', '.join(limits)}. Where every start of every init reaches the best it "
        f"{NEVER}."
    )


MATTERS = term(DEGREE, _degrees())
TERMS: tuple[tuple[str, Line], ...] = (
    ("start", ("One seeded k-means run: first centers, then steps until no point moves.",)),
    ("step", ("One iteration: each point joins its nearest center, each center its mean.",)),
    ("inertia", ("Sum of the squared distances of the points to their centers.",)),
    ("gap", ("How far an inertia lies above the best known one, in percent of that.",)),
    ("best known", ("The lowest inertia of starts, reference search and spec.",)),
    MATTERS,
    ("optimum", ("A partition of the points that converged starts end in.",)),
    (
        "transfer",
        (
            "One point given to another cluster, both centers moving along; what it improves is no "
            "more than an optimum of k-means.",
        ),
    ),
    ("basin", ("The starts that end in one optimum; its share is its probability, estimated.",)),
    ("success", ("A start that reaches the best known inertia, and the share of those that do.",)),
    ("n_init, restarts R", ("How many starts are made, of which the best is kept.",)),
    (
        "[95 % interval]",
        ("Wilson's score interval of a share, dark in its bar; for R, what follows.",),
    ),
    ("silhouette", ("Mean over the points, −1 to 1: how much nearer its own cluster is.",)),
    ("ARI", ("Agreement with the hidden groups: 1 is equal, 0 is what chance gives.",)),
)

SUCCESS, GAP, RESTARTS = "success", "mean gap", "n_init for 99\u00a0%"
LOWER, REACH = "A₁₂", "difference of success"
BASIN = "share of the starts"
QUANTILES = "5–\u206095\u00a0%"
INTERVALS = "In brackets: 95\u00a0% intervals, each by itself; of many, one in twenty misses."
NEWCOMBE = "https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8%3C873::AID-SIM779%3E3.0.CO;2-I"
MUNZEL = "https://doi.org/10.1002/(SICI)1521-4036(200001)42:1%3C17::AID-BIMJ17%3E3.0.CO;2-U"
WILSON = (
    "Wilson, Probable inference, the law of succession, and statistical inference (1927)",
    "https://doi.org/10.1080/01621459.1927.10502953",
)
HOOS = (
    "Hoos & Stützle, Stochastic local search (2004), section 4.2",
    "https://doi.org/10.1016/B978-1-55860-872-6.X5016-1",
)

DUELS = (
    term(
        LOWER,
        "Probability that a start of the one init ends at a lower inertia than a start of the "
        "other, half of a tie included; 0.5 means that neither does better. A start without an "
        "outcome loses against one with. Its interval is that of Brunner & Munzel, after one best "
        "and one worst start were added to each side that has chance in it. The init that ends "
        "lower is named where the whole interval lies on its side of 0.5.",
        "Vargha & Delaney, A critique and improvement of the CL common language effect size "
        "statistics of McGraw and Wong (2000)",
        "https://doi.org/10.3102/10769986025002101",
        "Brunner & Munzel, The nonparametric Behrens-Fisher problem (2000)",
        MUNZEL,
    ),
    term(
        REACH,
        "Success of the one init less that of the other, in percentage points, with Newcombe's "
        "interval (method 10).",
        "Newcombe, Interval estimation for the difference between independent proportions (1998)",
        NEWCOMBE,
    ),
)
