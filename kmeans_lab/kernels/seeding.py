"""NumPy's random numbers inside kernels: bit for bit what np.random.default_rng(seed) draws.

NumPy needs 13 µs and more a start, holding the GIL, to make a generator and draw k of n points;
this needs 0.1 µs on small data. A generator is six 64-bit words in an array (SIZE,), and each
function here names the call of NumPy whose numbers it gives:

    begin(g, seed)          g = np.random.default_rng(seed), 0 <= seed < 2**63
    below(g, n)             g.integers(n), 1 <= n <= 2**32
    uniform(g)              g.random()
    choices(seeds, n, out)  np.random.default_rng(seed).choice(n, size=k, replace=False), each seed

Sources: O'Neill, PCG: a family of simple fast space-efficient statistically good algorithms (2014),
section 6.3 (XSL RR), and her seed_seq_fe (2015), for NumPy's SeedSequence; Lemire, Fast random
integer generation in an interval (2019), section 4; Bentley and Floyd, Programming pearls: a sample
of brilliance (1987); Durstenfeld's shuffle, Knuth's algorithm P (The art of computer programming,
volume 2, section 3.4.2).
"""

import numpy as np
from numba import types

from ._jit import apart, inner, kernel, readonly

SIZE = 10  # state high and low, increment high and low, whether half a word is kept, that half;
#            four more words serve only while it is seeded
POOL = 4  # words in SeedSequence's pool

SEEDS = readonly(types.int64, 1)

_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_FIRST_A, _FACTOR_A = np.uint64(0x43B0D7E5), np.uint64(0x931E8875)
_FIRST_B, _FACTOR_B = np.uint64(0x8B51F9DD), np.uint64(0x58F38DED)
_MIX_A, _MIX_B = np.uint64(0xCA01F9DD), np.uint64(0x4973F715)
_PCG_HIGH, _PCG_LOW = np.uint64(0x2360ED051FC65DA4), np.uint64(0x4385DF649FCCF645)


# Everything is uint64, constants and loop results too: Numba makes a float of uint64 and int64.
@inner
def _hashed(word, key, factor):
    """A 32-bit word hashed with a key, and the key for the next one."""
    following = (key * factor) & _LOW
    word = ((word ^ key) * following) & _LOW
    return word ^ (word >> np.uint64(16)), following


@inner
def _mixed(a, b):
    """Two 32-bit words mixed to one."""
    word = (_MIX_A * a - _MIX_B * b) & _LOW
    return word ^ (word >> np.uint64(16))


@kernel(types.void(types.uint64[::1], types.int64))
def begin(g, seed):
    """Make `g` (SIZE,) uint64 what np.random.default_rng(seed) is, for an int64 seed from 0."""
    pool, key = g[SIZE - POOL :], _FIRST_A
    pool[0], pool[1] = np.uint64(seed) & _LOW, np.uint64(seed) >> _32
    pool[2], pool[3] = np.uint64(0), np.uint64(0)
    for i in range(POOL):
        pool[i], key = _hashed(pool[i], key, _FACTOR_A)
    for source in range(POOL):
        for target in range(POOL):
            if source != target:
                word, key = _hashed(pool[source], key, _FACTOR_A)
                pool[target] = _mixed(pool[target], word)
    key = _FIRST_B
    for i in range(4):
        low, key = _hashed(pool[2 * i % POOL], key, _FACTOR_B)
        high, key = _hashed(pool[(2 * i + 1) % POOL], key, _FACTOR_B)
        g[i] = low | (high << _32)
    g[2] = (g[2] << np.uint64(1)) | (g[3] >> np.uint64(63))  # the increment must be odd
    g[3] = (g[3] << np.uint64(1)) | np.uint64(1)
    _add_increment(g)
    _step(g)
    g[4] = np.uint64(0)


seeded = apart(begin)  # a second of compiling less in each initializer


@inner
def _add_increment(g):
    low = g[1] + g[3]
    g[0] += g[2] + np.uint64(low < g[1])
    g[1] = low


@inner
def _high_product(a, b):
    """The upper 64 bits of the 128 of a product."""
    a0, a1, b0, b1 = a & _LOW, a >> _32, b & _LOW, b >> _32
    middle = a1 * b0 + ((a0 * b0) >> _32)
    other = a0 * b1 + (middle & _LOW)
    return a1 * b1 + (middle >> _32) + (other >> _32)


@inner
def _step(g):
    """state = state * factor + increment, in 128 bits."""
    g[0] = g[0] * _PCG_LOW + g[1] * _PCG_HIGH + _high_product(g[1], _PCG_LOW)
    g[1] = g[1] * _PCG_LOW
    _add_increment(g)


@inner
def _next64(g):
    _step(g)
    word, turn = g[0] ^ g[1], g[0] >> np.uint64(58)
    return (word >> turn) | (word << ((np.uint64(64) - turn) & np.uint64(63)))


@inner
def _next32(g):
    """Half a 64-bit word, the lower half first; the upper is kept for the next call."""
    if g[4] == np.uint64(1):
        g[4] = np.uint64(0)
        return g[5]
    word = _next64(g)
    g[4], g[5] = np.uint64(1), word >> _32
    return word & _LOW


@inner
def below(g, n):
    """g.integers(n): an int64 from 0 to n - 1, for n from 1 to 2**32; none is drawn for n = 1."""
    if n == 1:
        return np.int64(0)
    span = np.uint64(n)
    product = _next32(g) * span
    if (product & _LOW) < span:
        least = (np.uint64(0x100000000) - span) % span
        while (product & _LOW) < least:
            product = _next32(g) * span
    return np.int64(product >> _32)


@inner
def uniform(g):
    """g.random(): a float64 in [0, 1)."""
    return np.float64(np.int64(_next64(g) >> np.uint64(11))) * 2.0**-53


@kernel(types.void(SEEDS, types.int64, types.int64[:, ::1]))
def choices(seeds, n, out):
    """out[r] = np.random.default_rng(seeds[r]).choice(n, size=k, replace=False).

    seeds: (R,). n: from k to 2**32. out: (R, k) [modified].
    """
    k = out.shape[1]
    g = np.empty(SIZE, np.uint64)
    many = n > 10_000 and k > n // 50
    order = np.arange(n if many else 0)
    taken = np.zeros(0 if many else n, np.bool_)
    for r in range(seeds.size):
        seeded(g, seeds[r])
        if many:
            _shuffle_tail(g, order, out[r])
        else:
            _sample(g, n, taken, out[r])


@inner
def _sample(g, n, taken, out):
    """Floyd's sampling, then a shuffle. taken: (n,), all False before and after."""
    k = out.size
    for i in range(k):
        last = n - k + i
        point = below(g, last + 1)
        out[i] = last if taken[point] else point
        taken[out[i]] = True
    for i in range(k - 1, 0, -1):
        j = below(g, i + 1)
        out[i], out[j] = out[j], out[i]
    for i in range(k):
        taken[out[i]] = False


@inner
def _shuffle_tail(g, order, out):
    """The last k of a shuffle. order: (n,), 0, 1, … n - 1 before and after."""
    n, k = order.size, out.size
    for i in range(n - 1, n - k - 1, -1):
        j = below(g, i + 1)
        order[i], order[j] = order[j], order[i]
    for i in range(k):
        out[i] = order[n - k + i]
    for i in range(k):  # what left its place is now among the last k
        order[out[i]] = out[i]
        order[n - k + i] = n - k + i
