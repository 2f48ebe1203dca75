"""Which kernel finds the nearest centers: all give the same labels, and differ in speed alone."""

PLAIN, BOXED = range(2)

# The first row whose limits a problem keeps is its method. Times are of one core, a step of s1
# (n = 5000, d = 2, k = 15), birch1 (n = 100 000, d = 2, k = 100) and others, as measured.
SMALLEST_BOXED = 500  # points


def use_boxes(n: int, d: int) -> bool:
    """Whether points are put in order along a curve and cut into boxes."""
    return d <= 3 and n >= SMALLEST_BOXED


def method(n: int, d: int, k: int) -> int:
    """The method for `n` points of `d` features and `k` centers."""
    return BOXED if use_boxes(n, d) and k > 1 else PLAIN
