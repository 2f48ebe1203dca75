"""Sums rounded once: of digits kept as integers, or of float64 values in any order."""

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import bare, kernel, lean, readonly, warm

LOWEST = -1074  # exponent of the smallest float64
LIMBS = 68  # digits that hold every finite float64, with room for carries
LAYERS = 3  # of digits in a sum of float64 values: 104 bits and more below the largest
CHUNK = 256  # values that a pass takes through all layers
ROOM = (LAYERS + 1) * CHUNK


@lean
def scaled(value, exponent):
    """`value` * 2**exponent, rounded once: a product where it is exact, 1 ns instead of 7."""
    if -1022 <= exponent <= 1023:  # then an integer times that power of two is no subnormal
        return value * np.int64((exponent + 1023) << 52).view(np.float64)
    return np.ldexp(value, exponent)


@lean
def rounded(sums, exponent, room):
    """The sum over l of sums[l] * 2**(exponent + 32 l), `sums` (L,), rounded once, half to even.

    room: (ROOM,) [modified].
    """
    limbs = sums.size
    if limbs == 1:
        return scaled(np.float64(sums[0]), exponent)
    digit = room.view(np.uint64)
    negative = False
    carry = np.int64(0)
    for i in range(limbs):
        carry += sums[i]
        digit[i] = np.uint64(carry) & np.uint64(0xFFFFFFFF)
        carry >>= np.int64(32)
    if carry < 0:  # two's complement of the whole number: the magnitude's digits
        negative = True
        carry = np.int64(0)
        for i in range(limbs):
            carry -= sums[i]
            digit[i] = np.uint64(carry) & np.uint64(0xFFFFFFFF)
            carry >>= np.int64(32)
    digit[limbs] = np.uint64(carry) & np.uint64(0xFFFFFFFF)
    digit[limbs + 1] = np.uint64(carry) >> np.uint64(32)
    top = limbs + 1
    while top > 0 and digit[top] == np.uint64(0):
        top -= 1
    if top == 0:
        value = np.float64(np.int64(digit[0]))
        return np.ldexp(-value if negative else value, exponent)
    return _round_from(digit, top, exponent, negative)


@lean
def _round_from(digit, top, exponent, negative):
    """The 64 bits from digit `top` down, and whether anything lies below, decide the rounding."""
    window = (digit[top] << np.uint64(32)) | digit[top - 1]
    below = np.uint64(0) if top == 1 else digit[top - 2]
    zeros = np.int64(0)
    while (window >> np.uint64(63)) == np.uint64(0):  # at most 31: digit[top] is not 0
        window = (window << np.uint64(1)) | (below >> np.uint64(31))
        below = (below << np.uint64(1)) & np.uint64(0xFFFFFFFF)
        zeros += 1
    sticky = below != np.uint64(0)
    for i in range(top - 2):
        sticky = sticky or digit[i] != np.uint64(0)
    kept = window >> np.uint64(11)
    rest = window & np.uint64(0x7FF)
    half = np.uint64(0x400)
    if rest > half or (rest == half and (sticky or (kept & np.uint64(1)) == np.uint64(1))):
        kept += np.uint64(1)
    value = np.float64(np.int64(kept))
    scale = exponent + 32 * (top - 1) - zeros + 11
    return np.ldexp(-value if negative else value, scale)


@lean
def digit_range(bits):
    """First and last digit that finite values of these `bits` (m,) touch; zeros touch none."""
    first, last = LIMBS - 3, 0
    for i in range(bits.size):
        if bits[i] << 1 != 0:
            digit = max(((bits[i] >> 52) & 0x7FF) - 1, 0) >> 5
            first, last = min(first, digit), max(last, digit)
    return min(first, last), last + 2


@lean
def sum_of_digits(values, room):
    """Sum of finite float64 `values` (m,), rounded once, whatever their exponents."""
    bits = values.view(np.int64)
    first, last = digit_range(bits)  # a few digits of all 68: saves half the time of 150 values
    sums = room[ROOM - LIMBS :].view(np.int64)[: last - first + 1]
    sums[:] = 0
    for i in range(bits.size):
        if bits[i] << 1 == 0:
            continue
        field = (bits[i] >> 52) & 0x7FF
        fraction = bits[i] & 0xFFFFFFFFFFFFF
        if field > 0:
            fraction |= 0x10000000000000
            field -= 1
        limb = (field >> 5) - first
        within = field & 31
        low = (fraction & 0xFFFFFFFF) << within
        high = ((fraction >> 32) << within) + (low >> 32)
        sign = 1 - 2 * (bits[i] < 0)
        sums[limb] += sign * (low & 0xFFFFFFFF)
        sums[limb + 1] += sign * (high & 0xFFFFFFFF)
        sums[limb + 2] += sign * (high >> 32)
    return rounded(sums, LOWEST + 32 * first, room)


@lean
def largest_exponent(bits):
    """Exponent e of float64 `bits` (m,), all smaller than 2**e in magnitude."""
    largest = np.int64(0)
    for i in range(bits.size):
        largest = max(largest, bits[i] & 0x7FFFFFFFFFFFFFFF)
    return (largest >> 52) - 1022


@lean
def folded(part):
    """Sum of `part` (m,), whose sums are exact: added half on half, in vector lanes; [modified]."""
    width = part.size
    while width > 1:
        half = (width + 1) // 2
        low, high = part[:half], part[half:width]
        for i in range(high.size):
            low[i] += high[i]
        width = half
    return part[0]


@lean
def two_sum(a, b):
    """The sum of two values rounded, and what that lost (Knuth, TAOCP 2, section 4.2.2)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


@lean
def any_left(bits):
    """Union of the `bits` (m,)."""
    union = np.int64(0)
    for i in range(bits.size):
        union |= bits[i]
    return union


@lean
def extract(values, sigma, part):
    """Add to each of `part` (m,) what `values` (m,) have in units of sigma's last place.

    Keeps in `values` what is below, both exactly (Rump, Ogita and Oishi, Accurate floating-point
    summation, 2008, section 3).
    """
    for i in range(values.size):
        high = (sigma + values[i]) - sigma
        part[i] += high
        values[i] -= high


@kernel(types.float64(readonly(types.float64, 1), types.float64[::1]), bare)
def exact_sum(values, room):
    """Sum of finite float64 `values` (m,), rounded once: what math.fsum gives.

    Layers of digits take nearly all the values there are, in vector lanes: 3 times as fast as
    `sum_of_digits`, which does the rest. room: (ROOM,) [modified].
    """
    exponent = largest_exponent(values.view(np.int64))
    if values.size == 0:
        return 0.0
    spare = 2  # bits for the carries of m additions
    while values.size >> spare > 0:
        spare += 1
    if exponent + spare > 1000:
        return sum_of_digits(values, room)
    sigma = (
        scaled(1.5, exponent + spare),
        scaled(1.5, exponent + 2 * spare - 53),
        scaled(1.5, exponent + 3 * spare - 106),
    )
    width = min(values.size, CHUNK)
    rest = room[:width]
    for layer in range(1, LAYERS + 1):
        room[layer * CHUNK : layer * CHUNK + width] = 0.0
    left = np.int64(0)
    for start in range(0, values.size, CHUNK):
        chunk = values[start : start + CHUNK]
        below = rest[: chunk.size]
        for i in range(chunk.size):
            below[i] = chunk[i]
        for layer in range(LAYERS):
            first = (layer + 1) * CHUNK
            extract(below, sigma[layer], room[first : first + chunk.size])
        left |= any_left(below.view(np.int64))
    if left << 1 != 0:
        return sum_of_digits(values, room)
    for layer in range(1, LAYERS + 1):
        room[layer] = folded(room[layer * CHUNK : layer * CHUNK + width])
    high, middle = two_sum(room[1], room[2])
    middle, low = two_sum(middle, room[3])
    if low == 0.0:
        return high + middle
    return sum_of_digits(room[1 : 1 + LAYERS], room)


def fsum(values: NDArray[np.float64]) -> float:
    """Sum of finite `values` (m,), correctly rounded, whatever their order."""
    warm()
    return float(exact_sum(np.ascontiguousarray(values, dtype=np.float64), np.empty(ROOM)))


def variance_of(column: NDArray[np.float64]) -> float:
    """Mean squared distance of finite values (m,) from their mean, by exact sums."""
    mean = fsum(column) / len(column)
    return fsum((column - mean) ** 2) / len(column)
