"""Frames into the bytes of a GIF or an MP4 file; every frame given is a frame written."""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from struct import pack

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin, Image

from ..errors import RunError

Pixels = NDArray[np.uint8]  # (height, width, 4) RGBA, opaque

COLORS = 255  # of a GIF, and one index for what stays as it was
LOOP = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"  # for ever


def gif(
    frames: Iterable[Pixels],
    samples: Iterable[Pixels],
    durations: Iterable[int],
    kept: Sequence[tuple[int, ...]] = (),
) -> bytes:
    """A GIF of `frames` that loops, with one palette for all of them.

    samples: some of the frames, from which the palette is made. durations: of each, in ms.
    kept: colors (red, green, blue) that are shown as they are, however rare.
    Pillow compresses; the frames are put in order here, as its own `save` would join equal ones.
    Raises RunError where the finished file has not all of them.
    """
    palette = _Palette(samples, kept)
    parts: list[bytes] = []
    before, count = None, 0
    for pixels, duration in zip(frames, durations, strict=True):
        now = palette.index(pixels)
        parts += _gif_frame(now, before, duration)
        before, count = now, count + 1
    if before is None:
        raise RunError("a film without frames cannot be written")
    height, width = before.shape
    head = b"GIF89a" + pack("<HHBBB", width, height, 0xF7, 0, 0) + palette.table + LOOP
    data = b"".join([head, *parts, b";"])
    with Image.open(BytesIO(data)) as image:
        found = getattr(image, "n_frames", 1)
    if found != count:
        raise RunError(f"a GIF of {count} frames came out with {found}; try html")
    return data


def _gif_frame(now: Pixels, before: Pixels | None, duration: int) -> Iterator[bytes]:
    """Control block and image of what is new since the frame before, at least one pixel."""
    shown = now
    (top, bottom), (left, right) = (0, now.shape[0]), (0, now.shape[1])
    if before is not None:
        changed = now != before
        top, bottom = _span(changed.any(axis=1))
        left, right = _span(changed.any(axis=0))
        shown = np.where(changed, now, np.uint8(COLORS))[top:bottom, left:right]  # long equal runs
    yield b"\x21\xf9\x04\x05" + pack("<HBB", round(duration / 10), COLORS, 0)
    yield from GifImagePlugin.getdata(Image.fromarray(np.ascontiguousarray(shown)), (left, top))


def _span(lines: NDArray[np.bool_]) -> tuple[int, int]:
    """From the first true line to beyond the last; one line where there is none."""
    found = np.flatnonzero(lines)
    return (int(found[0]), int(found[-1]) + 1) if found.size else (0, 1)


class _Palette:
    """The colors of a film and where each color of a pixel finds its nearest one."""

    def __init__(self, samples: Iterable[Pixels], kept: Sequence[tuple[int, ...]]) -> None:
        fixed = np.unique(np.array([r | g << 8 | b << 16 for r, g, b in kept], np.uint32))
        colors, counts = _counted(samples)
        others = ~np.isin(colors, fixed)
        colors, counts, room = colors[others], counts[others], COLORS - len(fixed)
        if len(colors) > room:
            # Flat areas keep their color to the bit; the many shades of edges share the rest.
            order = np.argsort(-counts, kind="stable")
            flat, edges = colors[order[: room // 2]], colors[order[room // 2 :]]
            colors = np.concatenate([flat, _quantized(edges, room - len(flat))])
        colors = np.concatenate([fixed, colors])
        self.colors = colors
        self.nearest = np.full(1 << 24, COLORS, np.uint16)
        self.nearest[colors] = np.arange(len(colors))

    @property
    def table(self) -> bytes:
        """256 colors of three bytes."""
        return _rgb(self.colors).astype(np.uint8).tobytes().ljust(3 * 256, b"\0")

    def index(self, pixels: Pixels) -> Pixels:
        """Palette indices (height, width) of pixels."""
        packed = _packed(pixels)
        found = self.nearest[packed]
        if (found == COLORS).any():
            self._add(np.unique(packed[found == COLORS]))
            found = self.nearest[packed]
        return found.astype(np.uint8)

    def _add(self, colors: NDArray[np.uint32]) -> None:
        for part in np.array_split(colors, len(colors) // 4096 + 1):
            apart = _rgb(part)[:, None] - _rgb(self.colors)[None]
            self.nearest[part] = (apart * apart).sum(axis=2).argmin(axis=1)


def _packed(pixels: Pixels) -> NDArray[np.uint32]:
    """Each pixel as one number, red in its lowest byte."""
    return pixels.view("<u4")[..., 0] & np.uint32(0xFFFFFF)


def _rgb(colors: NDArray[np.uint32]) -> NDArray[np.int64]:
    return np.stack([colors & 255, colors >> 8 & 255, colors >> 16 & 255], axis=1).astype(np.int64)


def _counted(samples: Iterable[Pixels]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The colors of some frames and how many pixels have each."""
    pairs = [_runs(_packed(pixels).ravel()) for pixels in samples]
    colors, where = np.unique(np.concatenate([found for found, _ in pairs]), return_inverse=True)
    counts = np.bincount(where, np.concatenate([times for _, times in pairs]))
    return colors, counts.astype(np.int64)


def _runs(colors: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """Color and length of each run of equal neighbors, of which there are few to be sorted."""
    starts = np.concatenate([[0], np.flatnonzero(colors[1:] != colors[:-1]) + 1])
    return colors[starts], np.diff(starts, append=len(colors))


def _quantized(colors: NDArray[np.uint32], number: int) -> NDArray[np.uint32]:
    """`number` colors or fewer that stand for all of them."""
    image = Image.fromarray(_rgb(colors).astype(np.uint8)[None])
    found = image.quantize(number, Image.Quantize.MEDIANCUT).getpalette()
    assert found is not None
    red, green, blue = np.array(found[: 3 * number], np.uint32).reshape(-1, 3).T
    return np.unique(red | green << 8 | blue << 16)


def mp4(frames: Iterable[Pixels], size: tuple[int, int], interval_ms: int) -> bytes:
    """An H.264 video that browsers play, `interval_ms` a frame.

    size: width and height, both even. Raises RunError where the encoder is missing or fails.
    """
    with tempfile.TemporaryDirectory(prefix="kmeans-lab-") as folder:
        path, log = Path(folder) / "film.mp4", Path(folder) / "log"
        try:
            _run_encoder(_encoder(size, interval_ms, path), frames, log)
            return path.read_bytes()
        except OSError as error:
            said = log.read_text(errors="replace").strip() if log.exists() else ""
            last = said.splitlines()[-1] if said else error.strerror or str(error)
            raise RunError(f"the MP4 encoder failed: {last}; try html or gif") from None


def _encoder(size: tuple[int, int], interval_ms: int, path: Path) -> list[str]:
    import imageio_ffmpeg

    try:
        program = imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise OSError(str(error).splitlines()[0]) from None
    shape, rate = f"{size[0]}x{size[1]}", f"1000/{interval_ms}"
    given = ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", shape, "-r", rate, "-i", "-"]
    made = ["-c:v", "libx264", "-crf", "16", "-tune", "animation", "-pix_fmt", "yuv420p"]
    whole = ["-movflags", "+faststart", "-threads", "2", "-map_metadata", "-1", "-bitexact"]
    return [program, "-v", "error", "-nostdin", "-y", *given, *made, *whole, str(path)]


def _run_encoder(command: list[str], frames: Iterable[Pixels], log: Path) -> None:
    with (
        log.open("wb") as said,
        subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said) as process,
    ):
        assert process.stdin is not None
        for pixels in frames:
            process.stdin.write(pixels.data)
        process.stdin.close()
    if process.returncode:
        raise OSError(f"exit code {process.returncode}")
