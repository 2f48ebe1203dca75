"""Ticks of an axis and how they read: round numbers, short labels at any size and offset."""

import math
from typing import NamedTuple

from ..wording import SUPERSCRIPT

LONG = 1e5  # label values from here on, and below 100 / LONG, get a power of ten
FAR = 1e3  # ranges away from 0 from which labels are told from a base of their own


class Ticks(NamedTuple):
    """Where an axis is marked; a label times `unit` plus `base` is its position."""

    positions: list[float]
    labels: list[str]
    suffix: str  # what to add to the axis's name, as " (× 10⁹)"

    def above(self, least: float) -> "Ticks":
        """Those at `least` and above it."""
        kept = [i for i, position in enumerate(self.positions) if position >= least]
        return Ticks([self.positions[i] for i in kept], [self.labels[i] for i in kept], self.suffix)


def ticks(low: float, high: float, most: int = 6, least: float = 0.0) -> Ticks:
    """At most `most` round positions from `low` to `high`, no closer than `least`.

    >>> ticks(4.2, 7.9)
    Ticks(positions=[5.0, 6.0, 7.0], labels=['5', '6', '7'], suffix='')
    >>> ticks(0.0, 4e9, 5)[1:]
    (['0', '1', '2', '3', '4'], ' (× 10⁹)')
    >>> ticks(1e8 - 1, 1e8 + 1, 5)[1:]
    (['−1.0', '−0.5', '0.0', '0.5', '1.0'], ' (+ 100000000)')
    """
    if not 0 < high - low < math.inf:
        return Ticks([], [], "")
    base = _base(low, high)
    step = _step((high - low) / max(most - 1, 1), least)
    numbers = range(
        math.ceil((low - base) / step - 1e-9), math.floor((high - base) / step + 1e-9) + 1
    )
    largest = max([abs(step * number) for number in numbers], default=0.0)
    power = math.floor(math.log10(largest)) if largest else 0
    power = power if largest >= LONG or 0 < largest <= 100 / LONG else 0
    digits = max(0, power - math.floor(math.log10(step) + 1e-9))
    labels = [f"{_scaled(step * number, power):.{digits}f}".replace("-", "−") for number in numbers]
    positions = [base + step * number for number in numbers]
    return Ticks(positions, labels, _suffix(power, base))


def decade_ticks(low: float, high: float, most: int = 4) -> Ticks:
    """At most `most` ticks of a logarithmic axis from `low` to `high`, both positive.

    >>> decade_ticks(0.8, 300.0)
    Ticks(positions=[1.0, 10.0, 100.0], labels=['1', '10', '100'], suffix='')
    >>> decade_ticks(2e9, 9e10)[1:]
    (['3', '10', '30'], ' (× 10⁹)')
    >>> decade_ticks(1e-8, 1.0)[1]
    ['10⁻⁸', '10⁻⁵', '10⁻²']
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    powers = range(first, last + 1)
    for shares in ((1, 2, 5), (1, 3), (1,)):
        found = [(m, p) for p in powers for m in shares if low <= m * 10.0**p <= high]
        if len(found) <= most:
            break
    found = found[:: -(-len(found) // most) or 1]
    positions = [m * 10.0**p for m, p in found]
    plain = low >= 10 / LONG and high < LONG
    if shares == (1,) and not plain:
        return Ticks(positions, [f"10{str(p).translate(SUPERSCRIPT)}" for _, p in found], "")
    power = 0 if plain else first
    labels = [f"{_scaled(position, power):.6g}" for position in positions]
    return Ticks(positions, labels, _suffix(power, 0.0))


def _step(room: float, least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is no less than both."""
    room = max(room, least)
    unit = 10.0 ** math.floor(math.log10(room))
    return next((m * unit for m in (1, 2, 5) if m * unit >= room * (1 - 1e-9)), 10 * unit)


def _base(low: float, high: float) -> float:
    """What labels are told from where the range is small beside its distance from 0."""
    if max(abs(low), abs(high)) < FAR * (high - low):
        return 0.0
    unit = 10.0 ** math.ceil(math.log10(high - low))
    return round((low + high) / 2 / unit) * unit


def _scaled(value: float, power: int) -> float:
    return value / 10.0**power if power > -300 else value * 1e300 / 10.0 ** (power + 300)


def _suffix(power: int, base: float) -> str:
    parts = [f"× 10{str(power).translate(SUPERSCRIPT)}"] if power else []
    if base:
        parts.append(f"{'+' if base > 0 else '−'} {abs(base):.15g}")
    return f" ({', '.join(parts)})" if parts else ""


def step_ticks(last: int) -> Ticks:
    """Ticks of an axis of steps from 1 to `last`."""
    return ticks(1.0, max(last, 1.5), 6, 1.0)


def silhouette_ticks(low: float, high: float) -> Ticks:
    """Ticks of an axis of silhouettes, so that the reference lines have theirs."""
    steps = range(-4, 5) if high - low < 1.3 else (-4, -2, 0, 2, 3, 4)
    levels = [i / 4 for i in steps if low <= i / 4 <= high]
    return Ticks(levels, [f"{level:.2f}".replace("-", "−") for level in levels], "")
