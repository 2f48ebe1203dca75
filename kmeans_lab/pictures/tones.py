"""Tones of a portrait: a ramp from light to dark, and shades of each, in a perceptual color space.

Source: Ottosson, A perceptual color space for image processing (2020), the matrices of Oklab.
"""

import numpy as np
from numpy.typing import NDArray

Tone = tuple[float, float, float]  # lightness 0 to 1, chroma, hue in degrees
Floats = NDArray[np.float64]

# Light to dark, and yellow to blue, so that no kind of color vision confuses two of them.
LIGHTNESS = (0.90, 0.36)
CHROMA = (0.14, 0.14)
HUE = (98.0, 285.0)
MUTED: Tone = (0.68, 0.012, 250.0)  # optima without a color of their own
RECORD: Tone = (0.62, 0.23, 25.0)
NOVEL: Tone = (0.78, 0.05, 340.0)
NEUTRAL: Tone = (0.955, 0.0, 0.0)
DEPTH = 0.13  # of lightness, from the fewest steps to the most


def ramp(m: int) -> list[Tone]:
    """Tones of m optima, the best one the lightest."""
    return [_between(i / max(m - 1, 1)) for i in range(m)]


def _between(t: float) -> Tone:
    ends = (LIGHTNESS, CHROMA, HUE)
    lightness, chroma, hue = (low + t * (high - low) for low, high in ends)
    return lightness, chroma, hue


def shaded(tones: Floats, shade: Floats) -> NDArray[np.uint8]:
    """sRGB (…, 3) of `tones` (…, 3), darkened by `shade` (…) from 0 to 1."""
    lightness = tones[..., 0] + DEPTH * (0.5 - shade)
    angle = np.deg2rad(tones[..., 2])
    lab = lightness, tones[..., 1] * np.cos(angle), tones[..., 1] * np.sin(angle)
    return _srgb(np.stack(lab, axis=-1))


def color(tone: Tone, shade: float = 0.5) -> str:
    """A tone as a color of web pages.

    >>> color((0.0, 0.0, 0.0), 1.0)
    '#000000'
    """
    return "#" + shaded(np.array(tone), np.array(shade)).tobytes().hex().upper()


def _srgb(lab: Floats) -> NDArray[np.uint8]:
    cone = (lab @ FROM_LAB.T) ** 3
    linear = (cone @ TO_RGB.T).clip(0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * encoded), np.uint8)


FROM_LAB = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)
