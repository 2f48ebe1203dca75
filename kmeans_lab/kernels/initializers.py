"""First centers of a batch of starts, one function each; INITIALIZERS at the foot names them.

Each takes `X` (n, d) float64, C-contiguous and finite, `k` from 1 to n and `seeds` (R,) int64 from
0, and gives Firsts: new centers (R, k, d) float64, and what each start cost. A start draws from
rng = np.random.default_rng(seed) and nothing else, as the docstring says draw by draw; where that
would take most of the time kernels draw the same numbers without NumPy (`seeding`): a start on
small data costs 0.1 to 1 µs, not 12 to 22. A deterministic one gives the same centers for every
seed. Sums are added in a given order or rounded once, never by BLAS, so centers are the same on
every machine. Validation is assumed.
"""

from collections.abc import Callable
from typing import NamedTuple

from .firsts import Firsts, Points, Seeds
from .init_distance import (
    afk_mc2,
    greedy_kmeans_plusplus,
    kkz,
    kmeans_plusplus,
    ls_plusplus,
    maximin,
)
from .init_parts import pca_part, var_part
from .init_refined import bradley_fayyad, luxburg
from .init_sampling import kmeans_parallel
from .init_simple import first, random, random_partition, uniform_box


def _serves_all(n: int, d: int, k: int) -> str:
    return ""


def _serves_a_plane(n: int, d: int, k: int) -> str:
    return f"pca-part needs two features or more, here {d}; var-part serves one" if d < 2 else ""


class Initializer(NamedTuple):
    """A way to choose first centers, and what is told about it."""

    function: Callable[[Points, int, Seeds], Firsts]
    deterministic: bool
    source: str
    cost: str
    draws: str
    unfit: Callable[[int, int, int], str] = _serves_all  # why it cannot serve n, d, k; or ""


ARTHUR = "Arthur and Vassilvitskii, k-means++: the advantages of careful seeding (2007), section "
FRANTI = (
    "Fränti and Sieranoja, How much can k-means be improved by using better initialization and "
    "repeats? (2019), section "
)
CELEBI = (
    "Celebi, Kingravi and Vela, A comparative study of efficient initialization methods for the "
    "k-means clustering algorithm (2013), section 2.1"
)
SU = (
    "Su and Dy, In search of deterministic methods for initializing k-means and Gaussian mixture "
    "clustering (2007), section 3"
)

INITIALIZERS: dict[str, Initializer] = {
    "random": Initializer(
        random,
        deterministic=False,
        source=FRANTI + "3.2",
        cost="O(n + kd)",
        draws="k points, every set of them equally likely",
    ),
    "random-partition": Initializer(
        random_partition,
        deterministic=False,
        source=FRANTI + "3.1",
        cost="O(nd)",
        draws="the cluster of every point; a point for each cluster left empty",
    ),
    "uniform-box": Initializer(
        uniform_box,
        deterministic=False,
        source="Jancey, Multidimensional group analysis (1966); " + CELEBI,
        cost="O(nd)",
        draws="every coordinate of every center",
    ),
    "first": Initializer(
        first,
        deterministic=True,
        source="MacQueen, Some methods for classification and analysis of multivariate "
        "observations (1967); " + CELEBI,
        cost="O(kd)",
        draws="nothing: one start",
    ),
    "k-means++": Initializer(
        kmeans_plusplus,
        deterministic=False,
        source=ARTHUR + "2.2",
        cost="O(nkd)",
        draws="the first center; one point for each further one",
    ),
    "greedy-k-means++": Initializer(
        greedy_kmeans_plusplus,
        deterministic=False,
        source=ARTHUR + "7",
        cost="O(nkd log k)",
        draws="the first center; 2 + floor(ln k) points for each further one",
    ),
    "k-means||": Initializer(
        kmeans_parallel,
        deterministic=False,
        source="Bahmani, Moseley, Vattani, Kumar and Vassilvitskii, Scalable k-means++ (2012), "
        "section 3.3",
        cost="O(nkd)",
        draws="a first candidate; about 2k in each of 5 rounds; the centers among them",
    ),
    "afk-mc2": Initializer(
        afk_mc2,
        deterministic=False,
        source="Bachem, Lucic, Hassani and Krause, Fast and provably good seedings for k-means "
        "(2016), section 3",
        cost="O(nd + k²d)",
        draws="the first center; a Markov chain of 200 points for each further one",
    ),
    "ls++": Initializer(
        ls_plusplus,
        deterministic=False,
        source="Lattanzi and Sohler, A better k-means++ algorithm via local search (2019), "
        "section 3",
        cost="O(nkd)",
        draws="as k-means++; then 25 points, each to be swapped for a center",
    ),
    "maximin": Initializer(
        maximin,
        deterministic=False,
        source=FRANTI + "3.3",
        cost="O(nkd)",
        draws="the first center",
    ),
    "kkz": Initializer(
        kkz,
        deterministic=True,
        source="Katsavounidis, Kuo and Zhang, A new initialization technique for generalized "
        "Lloyd iteration (1994); " + CELEBI,
        cost="O(nkd)",
        draws="nothing: one start",
    ),
    "var-part": Initializer(
        var_part,
        deterministic=True,
        source=SU,
        cost="O(nkd)",
        draws="nothing: one start",
    ),
    "pca-part": Initializer(
        pca_part,
        deterministic=True,
        source=SU,
        cost="O(nkd² + kd³)",
        draws="nothing: one start",
        unfit=_serves_a_plane,
    ),
    "bradley-fayyad": Initializer(
        bradley_fayyad,
        deterministic=False,
        source="Bradley and Fayyad, Refining initial points for k-means clustering (1998), "
        "section 2",
        cost="O((n + k²) kd) a step",
        draws="a start of k points; 10 samples of the data",
    ),
    "luxburg": Initializer(
        luxburg,
        deterministic=False,
        source="von Luxburg, Clustering stability: an overview (2010), section 3.2",
        cost="O(nkd log k)",
        draws="max(k, ceil(k ln k)) points; the first center among those left",
    ),
}
