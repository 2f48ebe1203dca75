"""Data as integers, whose sums no order can change: fixed-point digits of every column.

A column's values are integer multiples of a power of two, so they are sums of digits, each a
64-bit integer with room for 2**31 additions. Integer addition is exact and associative, so a sum
is the same whatever the order, the split over threads, or the points moved in and out of it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DIGIT = 32  # bits of a digit where one 62-bit integer is not enough
MASK = np.uint64(0xFFFFFFFF)


class Digits(NamedTuple):
    """A data set as integers: x[i, j] is the sum of values[i, j, l] * 2**(exponents[j] + 32 l)."""

    values: NDArray[np.int64]  # (n, d, L), L = 1 where 62 bits hold every column's sum
    exponents: NDArray[np.int64]  # (d,)


def digits(X: NDArray[np.float64]) -> Digits:
    """Split finite `X` (n, d) into fixed-point digits, exactly."""
    fraction, exponent = np.frexp(X)
    magnitude = np.abs(fraction * 2.0**53).astype(np.uint64)
    nonzero = magnitude > 0
    lowest = np.where(nonzero, exponent - 53 + _trailing_zeros(magnitude), 0)
    big = np.iinfo(np.int64).max
    exponents = np.where(nonzero, lowest, big).min(axis=0)
    exponents = np.where(exponents == big, 0, exponents).astype(np.int64)
    bits = int(np.where(nonzero, exponent - exponents, 0).max(initial=0))
    shift = np.where(nonzero, lowest - exponents, 0).astype(np.uint64)
    odd = magnitude >> np.where(nonzero, _trailing_zeros(magnitude), 0).astype(np.uint64)
    if bits + len(X).bit_length() <= 62:
        parts = (odd << shift).astype(np.int64)[:, :, None]
    else:
        parts = _split(odd, shift, -(-bits // DIGIT))
    values = np.where(X < 0, -1, 1).astype(np.int64)[:, :, None] * parts
    values.setflags(write=False)
    exponents.setflags(write=False)
    return Digits(values, exponents)


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
