"""Whether a start has come back to where it was."""

import numpy as np
from numba import types

from ._jit import bare, kernel, lean, readonly
from .memory import scrambled
from .records import POINTS, RULES, STATE
from .step import assign_plainly, begin, settle, update

SPREAD = np.uint64(0xD1342543DE82EF95)  # an odd number of mixed bits: each place gets its own


@lean
def key_of(centers):
    """64 bits for the centers (k, d); equal labels have equal centers, so equal keys."""
    key, place = np.uint64(0), np.uint64(0)
    for c in range(centers.shape[0]):
        bits = centers[c].view(np.uint64)
        for j in range(bits.size):  # a sum, so that none waits for the one before
            key += scrambled(bits[j] ^ (place + np.uint64(j)) * SPREAD)
        place += np.uint64(bits.size)
    return key


@lean
def same(a, b):
    """Whether two arrays (m,) are equal."""
    for i in range(a.size):
        if a[i] != b[i]:
            return False
    return True


@kernel(
    types.boolean(
        POINTS, readonly(types.float64, 2), RULES, STATE, STATE, types.uint64[::1], types.int64
    ),
    bare,
)
def seen_before(points, first_centers, rules, state, past, keys, made):
    """Whether labels and centers after step `made` are those after an earlier step.

    Equal keys only ask the question; the answer is the earlier steps made again and compared.
    past: [modified].
    """
    for earlier in range(made - 1):
        if keys[earlier] == keys[made - 1]:
            begin(past, first_centers)
            for t in range(earlier + 1):
                assign_plainly(points, past)
                settle(points, rules, t == 0, True, False, past)
                update(points, False, past)
            equal = same(past.labels, state.labels)
            for c in range(state.counts.size):
                equal = equal and same(past.centers[c], state.centers[c])
            if equal:
                return True
    return False


@lean
def met(keys, made):
    """Whether the key of step `made` is that of an earlier one."""
    for earlier in range(made - 1):
        if keys[earlier] == keys[made - 1]:
            return True
    return False
