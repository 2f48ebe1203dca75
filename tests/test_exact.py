"""Sums do not depend on order and are rounded once."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kmeans_lab.kernels.digits import digits
from kmeans_lab.kernels.exact import fsum

FINITE = st.floats(allow_nan=False, allow_infinity=False, width=64)
SAFE = FINITE.filter(lambda x: abs(x) < 1e300)


@given(st.lists(SAFE, min_size=1, max_size=40))
def test_fsum_is_math_fsum(values):
    assert fsum(np.array(values)) == math.fsum(values)


@given(st.lists(SAFE, min_size=1, max_size=20))
def test_fsum_of_a_number_and_its_opposite_is_zero(values):
    assert fsum(np.array(values + [-v for v in values])) == 0.0


def test_fsum_rounds_half_to_even_and_sees_the_last_bit():
    half = 2.0**-53
    assert fsum(np.array([1.0, half])) == 1.0
    assert fsum(np.array([1.0, half, 5e-324])) == 1.0 + 2 * half
    assert fsum(np.array([1.0 + 2 * half, half])) == 1.0 + 4 * half
    assert fsum(np.array([1e16, 1.0, -1e16])) == 1.0


SPREADS = {
    "even": lambda rng, n: rng.random(n),
    "squares": lambda rng, n: rng.normal(size=n) ** 2,
    "signs": lambda rng, n: rng.normal(size=n),
    "halves": lambda rng, n: rng.integers(-9, 10, size=n) * 2.0 ** -rng.integers(50, 56, size=n),
    "wide": lambda rng, n: np.exp(30 * rng.normal(size=n)),
    "all": lambda rng, n: rng.normal(size=n) * 2.0 ** rng.integers(-1000, 950, size=n),
    "subnormal": lambda rng, n: rng.normal(size=n) * 2.0**-1030,
    "large": lambda rng, n: rng.normal(size=n) * 2.0**990,
    "zeros": lambda rng, n: np.zeros(n),
}


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("n", [0, 1, 2, 150, 255, 256, 257, 5000])
def test_fsum_of_many_values_is_math_fsum(rng, spread, n):
    for _ in range(5):
        values = SPREADS[spread](rng, n)
        assert fsum(values) == math.fsum(values.tolist())


@given(arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 3)), elements=FINITE))
def test_digits_are_the_data_exactly(X):
    split = digits(X)
    for i, j in np.ndindex(X.shape):
        limbs = (int(v) * 2 ** (32 * place) for place, v in enumerate(split.values[i, j]))
        assert Fraction(sum(limbs)) * Fraction(2) ** int(split.exponents[j]) == Fraction(X[i, j])


@pytest.mark.parametrize(("column", "limbs"), [([5.1, 4.9, 4.7], 1), ([1e6, 0.1, 3.0], 3)])
def test_one_integer_serves_where_exponents_allow(column, limbs):
    assert digits(np.array(column)[:, None]).values.shape[2] == limbs
