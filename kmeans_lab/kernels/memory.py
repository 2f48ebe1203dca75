"""Hashes of partitions, and the silhouettes of partitions that were met before.

On small data thousands of starts pass through the same few partitions, so most silhouettes are
looked up: on Iris 94 of 100.
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import frozen, inner, lean, readonly

SLOTS = 1 << 17  # a power of two; 4 MB, of which only what is used is touched
WAYS = 4  # slots that a partition may take: one that is free, or the oldest of them
FEW = 4  # clusters up to which every cluster looks at every point: 70 ns for Iris, not 160


class Words(NamedTuple):
    """128 random bits for each point."""

    first: NDArray[np.uint64]  # (n,)
    second: NDArray[np.uint64]  # (n,)


class Memory(NamedTuple):
    """Silhouettes by the hash of their partition."""

    keys: NDArray[np.uint64]  # (slots, 2)
    values: NDArray[np.float64]  # (slots, 2), mean and standard error


WORDS = types.NamedUniTuple(readonly(types.uint64, 1), 2, Words)
MEMORY = types.NamedTuple([types.uint64[:, ::1], types.float64[:, ::1]], Memory)


def words_of(rows: NDArray[np.int64]) -> Words:
    """The words of `rows` (n,) of the data."""
    odd = rows.astype(np.uint64) * np.uint64(2) + np.uint64(1)
    with np.errstate(over="ignore"):
        halves = [frozen(scrambled.py_func(odd + np.uint64(half))) for half in range(2)]
    return Words(*halves)


def empty_memory(slots: int = SLOTS) -> Memory:
    """A memory of nothing."""
    return Memory(np.zeros((slots, 2), np.uint64), np.zeros((slots, 2)))


@lean
def place(memory, first, second):
    """Slot of a key and whether it is there; if not, the key takes the slot. memory: [modified]."""
    keys = memory.keys
    base = np.int64(first & np.uint64(keys.shape[0] - WAYS))
    for slot in range(base, base + WAYS):
        if keys[slot, 0] == first and keys[slot, 1] == second:
            return slot, True
    return make_room(keys, memory.values, base, first, second), False


@lean
def make_room(keys, values, base, first, second):
    """Move a bucket's keys up by one, over its last; the first slot is the new key's."""
    for slot in range(base + WAYS - 1, base, -1):
        for half in range(2):
            keys[slot, half], values[slot, half] = keys[slot - 1, half], values[slot - 1, half]
    keys[base, 0], keys[base, 1] = first, second
    return base


@lean
def scrambled(word):
    """A 64-bit word that depends on every bit of another (SplitMix64, Steele et al. 2014)."""
    z = word + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@inner
def partition_key(words, labels, k):
    """128 bits for the partition of `labels` (n,), whatever its labels and the points' order.

    Each cluster has the sum of its points' words. Two of 10⁹ partitions of a data set share the
    key with probability 10⁻²¹.
    """
    first, second = np.uint64(0), np.uint64(0)
    if k <= FEW:
        for c in range(k):
            a, b = of_one(words.first, words.second, labels, np.uint16(c))
            first, second = mixed(first, second, a, b)
    else:
        sums = of_all(words.first, words.second, labels, k)
        for c in range(k):
            first, second = mixed(first, second, sums[c, 0], sums[c, 1])
    return first, second


@lean
def mixed(first, second, a, b):
    """A key with one more cluster: addition, so their order does not count, nor empty ones."""
    if a != 0 or b != 0:
        first += scrambled(a ^ scrambled(b))
        second += scrambled(b + scrambled(a))
    return first, second


@lean
def of_one(first, second, labels, c):
    """Sums of the words, modulo 2**64, of the points with label c."""
    a, b = np.uint64(0), np.uint64(0)
    for i in range(labels.size):
        mask = np.uint64(0) - np.uint64(labels[i] == c)  # a branch would not take vectors
        a += first[i] & mask
        b += second[i] & mask
    return a, b


@inner
def of_all(first, second, labels, k):
    """Sums of the words for each of k labels (k, 2), run by run: neighbors often share a label."""
    sums = np.zeros((k, 2), np.uint64)
    last, a, b = labels[0], np.uint64(0), np.uint64(0)
    for i in range(labels.size):
        if labels[i] != last:
            sums[last, 0] += a
            sums[last, 1] += b
            last, a, b = labels[i], np.uint64(0), np.uint64(0)
        a += first[i]
        b += second[i]
    sums[last, 0] += a
    sums[last, 1] += b
    return sums
