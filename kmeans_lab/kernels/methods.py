"""Which kernel finds the nearest centers: all give the same labels, and differ in speed alone."""

PLAIN, BOXED, CERTIFIED = range(3)

SMALLEST_BOXED = 500  # points
SMALLEST_CERTIFIED = 500  # points


def use_boxes(n: int, d: int) -> bool:
    """Whether n points of d features are put in order along a curve and cut into boxes."""
    return d <= 3 and n >= SMALLEST_BOXED


def use_float32(n: int, d: int) -> bool:
    """Whether n points of d features are kept in float32 too."""
    return d > 3 and n >= SMALLEST_CERTIFIED


def method(n: int, d: int, k: int) -> int:
    """The method for n points of d features and k centers."""
    if k == 1:
        return PLAIN
    if use_boxes(n, d):
        return BOXED
    return CERTIFIED if use_float32(n, d) else PLAIN
