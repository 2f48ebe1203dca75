"""How numbers read: a few significant digits, never rounded to a claim that is not true."""

import math

from .statistics import REACHED, Estimate

NONE = "–"
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 4) -> str:
    """`value` with that many significant digits; powers of ten beyond a million and below 1e-4.

    >>> number(37.0507021276), number(8917615616867.26), number(0.0), number(float("nan"))
    ('37.05', '8.918 × 10¹²', '0', '–')
    """
    if value is None or math.isnan(value):
        return NONE
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    if value and not -5 < int(power) < 7:
        return f"{mantissa} × 10{str(int(power)).translate(SUPERSCRIPT)}".replace("-", "−")
    return f"{value:.{max(0, digits - 1 - int(power)) if value else 0}f}".replace("-", "−")


def count(value: int) -> str:
    """A whole number, in groups of three from 10 000 on.

    >>> count(1000), count(20000)
    ('1000', '20\\u202f000')
    """
    return f"{value:,}".replace(",", "\u202f") if value >= 10_000 else str(value)


def times(number: int) -> str:
    """How often something was seen.

    >>> times(1), times(3)
    ('once', '3 times')
    """
    return "once" if number == 1 else f"{count(number)} times"


def size(bytes: float) -> str:
    """A number of bytes.

    >>> size(0), size(1536), size(3 << 30)
    ('0 B', '1.5 KiB', '3.0 GiB')
    """
    power = min(int(math.log(max(bytes, 1), 1024)), 5)
    unit = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")[power]
    return f"{bytes / 1024**power:.{1 if power else 0}f} {unit}"


def percent(share: float) -> str:
    """A share in percent; 0 % and 100 % are said of exactly 0 and 1 only.

    >>> percent(0.412), percent(0.99996), percent(1), percent(0.00037), percent(0)
    ('41.2\\xa0%', '99.9960\\xa0%', '100\\xa0%', '0.037\\xa0%', '0\\xa0%')
    """
    return NONE if math.isnan(share) else f"{_percent(share)}\u00a0%"


def excess(gap: float) -> str:
    """A gap in percent; what is below rounding is only said to be below.

    >>> excess(0.0096), excess(3e-21), excess(0.0)
    ('0.96\\xa0%', '<\\xa010⁻⁷\\xa0%', '0\\xa0%')
    """
    return "<\u00a010⁻⁷\u00a0%" if 0 < gap < REACHED else percent(gap)


def lead(gap: float) -> str:
    """How far the next lies behind; a dash where nobody does.

    >>> lead(0.0096), lead(0.0)
    ('0.96\\xa0%', '–')
    """
    return excess(gap) if gap > 0 else NONE


def ratio(value: float) -> str:
    """A correlation or another number from −1 to 1; ±1 is said of exactly ±1 only.

    >>> ratio(0.4412), ratio(-0.9999997), ratio(1.0)
    ('0.441', '≈\xa0−1', '1')
    """
    if math.isnan(value):
        return NONE
    if value in (-1, 0, 1):
        return f"{value:.0f}".replace("-", "−")
    digits = next((d for d in (3, 4, 5) if abs(float(f"{value:.{d}f}")) < 1), 0)
    return ("" if digits else "≈\u00a0") + f"{value:.{digits}f}".replace("-", "−")


def interval(share: Estimate) -> str:
    """The 95 % interval of a share, in percent.

    >>> interval(Estimate(0.412, 0.382, 0.443))
    '[38.2–44.3]'
    """
    return f"[{_percent(share.low)}–{_percent(share.high)}]"


def _percent(share: float) -> str:
    near = min(share, 1 - share) if share <= 1 else share
    if near <= 0:
        return f"{100 * share:.0f}"
    if near < 1e-7 and share < 0.5:
        return number(100 * share, 2)
    return f"{100 * share:.{min(9, max(1, 1 - math.floor(math.log10(100 * near) + 1e-9)))}f}"


def likelihood(estimate: Estimate) -> str:
    """A probability and its 95 % interval, if it has one, as numbers from 0 to 1.

    >>> likelihood(Estimate(0.62, 0.58, 0.6599)), likelihood(Estimate(0.0002, 0.0, 0.01))
    ('0.620 [0.580–0.660]', '<\u202f0.001 [0–0.010]')
    """
    value, low, high = ("<\u202f0.001" if 0 < p < 0.0005 else ratio(p) for p in estimate)
    return value if estimate.low == estimate.high else f"{value} [{low}–{high}]"


def change(difference: Estimate) -> str:
    """A difference of shares and its 95 % interval, if it has one, in percentage points.

    >>> change(Estimate(0.026, -0.018, 0.0703)), change(Estimate(0.0, 0.0, 0.0))
    ('+2.6 [−1.8 to +7.0]', '0.0')
    """
    value, low, high = map(_signed, difference)
    return value if difference.low == difference.high else f"{value} [{low} to {high}]"


def _signed(share: float) -> str:
    text = f"{100 * share:+.1f}"
    return "0.0" if text.strip("+-") == "0.0" else text.replace("-", "−")


def restarts(needed: Estimate) -> str:
    """Restarts with their interval; where no start succeeded, only how many are too few.

    >>> restarts(Estimate(9, 8, 10)), restarts(Estimate(math.inf, 1197, math.inf))
    ('9 [8–10]', '≥ 1197')

    Where it is certain that none will, no number is enough.

    >>> restarts(Estimate(math.inf, math.inf, math.inf))
    '∞'
    """
    value, low, high = map(_whole, needed)
    if math.isinf(needed.value) and math.isfinite(needed.low):
        return f"≥ {low}"
    return value if low == high else f"{value} [{low}–{high}]"


def _whole(value: float) -> str:
    return count(int(value)) if math.isfinite(value) else number(value)


def apart(values: list[float], least: int = 4, most: int = 12) -> list[str]:
    """The values with as many digits as it takes to tell different ones apart.

    >>> apart([37.0507, 37.0862, 37.0862])
    ['37.05', '37.09', '37.09']
    """
    for digits in range(least, most):
        texts = [number(value, digits) for value in values]
        if len(set(texts)) == len(set(values)):
            return texts
    return [number(value, most) for value in values]
