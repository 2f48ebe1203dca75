"""Which kernel finds the nearest centers: all give the same labels, and differ in speed alone.

Which one a problem takes was measured on one core with AVX-512; the plain way is `distance.assign`.
"""

from collections.abc import Callable
from typing import NamedTuple

PLAIN, BOXED, CERTIFIED = range(3)


class Row(NamedTuple):
    """A method, when it is taken, and why."""

    method: int
    suits: Callable[[int, int, int], bool]  # n points, d features, k centers
    reason: str


SMALLEST_BOXED = 300  # points
SMALLEST_CERTIFIED = 5000  # products in a step, n d k

# The first row that suits is taken.
METHODS = (
    Row(PLAIN, lambda n, d, k: k == 1, "every point has the one center"),
    Row(
        BOXED,
        lambda n, d, k: use_boxes(n, d),
        "a step of s1 takes 7 µs, plainly 44; of birch1 72 µs, plainly 5500; of 256 points in 3 "
        "clusters the same, of 64 points 1.6 times as long",
    ),
    Row(
        CERTIFIED,
        lambda n, d, k: use_float32(n, d) and n * d * k >= SMALLEST_CERTIFIED,
        "a step of digits takes 15 µs, plainly 180; of blobs16 3.8 ms and 1.1 late, plainly 33; of "
        "1000 points of 4 features in 3 clusters the same, of 64 such points 1.3 times as long",
    ),
    Row(PLAIN, lambda n, d, k: True, "a step of iris2 takes 0.5 µs"),
)


def use_boxes(n: int, d: int) -> bool:
    """Whether n points of d features are put in a tree's order and cut into boxes."""
    return d <= 3 and n >= SMALLEST_BOXED


def use_float32(n: int, d: int) -> bool:
    """Whether n points of d features are kept in float32 too: if some k up to n would use it."""
    return d > 3 and n * n * d >= SMALLEST_CERTIFIED


def method(n: int, d: int, k: int) -> int:
    """The method for n points of d features and k centers."""
    return next(row.method for row in METHODS if row.suits(n, d, k))
