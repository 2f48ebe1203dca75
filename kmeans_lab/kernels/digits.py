"""Data as integers, whose sums no order can change: fixed-point digits of every column.

A column's values are integer multiples of a power of two, so they are sums of digits, each a
64-bit integer with room for 2**31 additions. Integer addition is exact and associative, so a sum
is the same whatever the order, the split over threads, or the points moved in and out of it.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

DIGIT = 32  # bits of a digit where one 62-bit integer is not enough
MASK = np.uint64(0xFFFFFFFF)
PIECE = 1 << 16  # rows that are split at a time; of 10**7 points at once it took 1.6 GB more
NONE = 1 << 40  # an exponent where every value is 0


class Digits(NamedTuple):
    """A data set as integers: x[i, j] is the sum of values[i, j, l] * 2**(exponents[j] + 32 l)."""

    values: NDArray[np.int64]  # (n, d, L), L = 1 where 62 bits hold every column's sum
    exponents: NDArray[np.int64]  # (d,)


class Grid(NamedTuple):
    """The powers of two of which columns are multiples, and the digits that hold their sums."""

    exponents: NDArray[np.int64]  # (d,)
    limbs: int  # L; 1 where 62 bits hold every column's sum


def digits(X: NDArray[np.float64]) -> Digits:
    """Split finite `X` (n, d) into fixed-point digits, exactly."""
    exponents, limbs = grid(X)
    values = np.empty((*X.shape, limbs), np.int64)
    for piece in _pieces(X):
        odd, lowest, _, nonzero = _binary(X[piece])
        shift = np.where(nonzero, lowest - exponents, 0).astype(np.uint64)
        whole = limbs == 1
        parts = (odd << shift).astype(np.int64)[:, :, None] if whole else _split(odd, shift, limbs)
        values[piece] = np.where(X[piece] < 0, -1, 1)[:, :, None] * parts
    values.setflags(write=False)
    return Digits(values, exponents)


def grid(X: NDArray[np.float64]) -> Grid:
    """The grid on which finite `X` (n, d) stand."""
    reaches = np.array([_reach(X[piece]) for piece in _pieces(X)])
    lowest, highest = reaches[:, 0].min(axis=0), reaches[:, 1].max(axis=0)
    exponents = np.where(lowest == NONE, 0, lowest)
    exponents.setflags(write=False)
    bits = max(0, int((highest - exponents).max()))
    return Grid(exponents, 1 if bits + len(X).bit_length() <= 62 else -(-bits // DIGIT))


def _pieces(X: NDArray[np.float64]) -> list[slice]:
    return [slice(i, i + PIECE) for i in range(0, len(X), PIECE)]


def _binary(X: NDArray[np.float64]) -> tuple[NDArray[Any], ...]:
    """Odd integer and exponent whose product is |x|, the exponent above, and whether x is not 0."""
    fraction, above = np.frexp(X)
    magnitude = np.abs(fraction * 2.0**53).astype(np.uint64)
    zeros = _trailing_zeros(magnitude)
    return magnitude >> zeros.astype(np.uint64), above - 53 + zeros, above, magnitude > 0


def _reach(X: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Exponents of the lowest bit of each column, and of the one above its highest."""
    _, lowest, above, nonzero = _binary(X)
    return (
        np.where(nonzero, lowest, NONE).min(axis=0),
        np.where(nonzero, above, -NONE).max(axis=0),
    )


def _trailing_zeros(integers: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Trailing zero bits of integers below 2**53; 0 for 0."""
    lowest_bit = (integers & (~integers + np.uint64(1))).astype(np.float64)
    return np.maximum(np.frexp(lowest_bit)[1].astype(np.int64) - 1, 0)


def _split(odd: NDArray[np.uint64], shift: NDArray[np.uint64], limbs: int) -> NDArray[np.int64]:
    """Digits of odd * 2**shift, (n, d, limbs); a value touches at most three neighbors."""
    parts = np.zeros((*odd.shape, limbs + 2), dtype=np.int64)
    first = (shift // np.uint64(DIGIT)).astype(np.int64)
    within = shift % np.uint64(DIGIT)
    low = (odd & MASK) << within
    high = ((odd >> np.uint64(DIGIT)) << within) + (low >> np.uint64(DIGIT))
    for offset, digit in enumerate((low & MASK, high & MASK, high >> np.uint64(DIGIT))):
        np.put_along_axis(
            parts, (first + offset)[:, :, None], digit.astype(np.int64)[:, :, None], axis=2
        )
    return parts[:, :, :limbs]
