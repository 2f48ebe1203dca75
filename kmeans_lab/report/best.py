"""What is best: the report's table of who found the lowest inertia, and how it was searched for."""

import math
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..reference.references import COMPUTED, SEARCHED
from ..statistics import REACHED
from ..wording import NONE, apart, count, lead
from .numbers import links
from .page import Part, Prose, Section, Span, Table

if TYPE_CHECKING:
    import pandas as pd

    from ..study.study import Study

METHODS = {
    SEARCHED: "The reference is a search of another kind that sees none of the starts: it begins "
    "with the best of 8 starts by greedy-k-means++, moves a center or a few to random points, lets "
    "k-means go on from there, and keeps what is lower (random swap, Fränti 2018); single points "
    "change cluster as long as that lowers the inertia, centers moving along (Hartigan and Wong "
    "1979), which improves partitions that no step of k-means does. It may miss what is best; "
    "where it and the starts end at the same inertia, each is evidence for the other.",
    COMPUTED: "With one feature the best of all partitions is computed by dynamic programming over "
    "the sorted points (Wang and Song 2011; Grønlund et al. 2017): no partition is better.",
}
EQUAL = (
    "The lowest inertia of each; who is within 10⁻⁹ of the lowest is said to have it too. Ahead: "
    "how far the next lies above it, in percent of it. All gaps and shares of this page refer to "
    "the lowest of all."
)


def best(study: "Study") -> Section | None:
    """Who found the lowest inertia and by how much, where a reference was searched for."""
    found = study.reference
    if found.empty:
        return None
    methods = [Prose((text,)) for method, text in METHODS.items() if method in set(found["method"])]
    parts: list[Part] = [_table(found), *methods, Prose((EQUAL,), "aside")]
    return Section("best", "What is best?", (*parts, *_longer(study, found)))


def _table(found: "pd.DataFrame") -> Table:
    stated = bool(found["stated"].notna().any())
    sides = ("best_start", "inertia", *["stated"] * stated)
    rows = [
        (
            row["dataset"],
            str(row["k"]),
            *_inertias([row[side] for side in sides]),
            row["winner"],
            lead(row["margin"]),
            "proven" if row["proven"] else count(row["swaps"]),
        )
        for row in found.to_dict("records")
    ]
    titles = ("data set", "k", "best start", "reference", *["stated"] * stated)
    columns = (*titles, "lowest", "ahead by", "swaps")
    caption = (
        f"The lowest inertia of starts{', reference and spec' if stated else ' and reference'}"
    )
    return Table(caption, columns, tuple(rows), ("data set", "lowest"), links(*columns))


def _inertias(sides: list[float]) -> list[str]:
    """Inertias in words, those that share the lowest in the same; a dash for NaN."""
    known = [x for x in sides if not math.isnan(x)]
    shared = {x: min(known) if x <= (1 + REACHED) * min(known) else x for x in known}
    texts = dict(zip(shared, apart([*shared.values()], most=9), strict=True))
    return [texts.get(x, NONE) for x in sides]


def _longer(study: "Study", found: "pd.DataFrame") -> Iterator[Prose]:
    if not found["proven"].all():
        command = f"kmeans-lab reference {shlex.quote(f'results/{study.spec.name}')} --seconds 60"
        yield Prose(("To search longer: ", Span(command, "code")), "aside")
