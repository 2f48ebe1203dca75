"""Starts on screen and in files: the notebook's animation, and films of one start or several."""

import html
import math
import numbers
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from struct import unpack
from typing import TYPE_CHECKING, Any

import matplotlib
from matplotlib.animation import FuncAnimation
from numpy.typing import ArrayLike

from .. import files
from ..errors import SpecError
from ..pictures.reel import from_frames, from_traces
from ..pictures.scene import Scene
from . import player
from .clock import durations
from .stage import Stage
from .titles import Titles, titles

if TYPE_CHECKING:
    from ..trace.trace import Trace

__all__ = ["FORMATS", "Film", "make_animation", "player_assets"]

INTERVALS = (20, 60_000)  # ms a frame: a GIF's shortest that is kept, a minute

HEIGHT = 800  # pixels of a film in a notebook

# Matplotlib's player loads its buttons' icons from outside; these letters stand in for them.
ICON_FONT = re.compile(r"<link[^>]*font-awesome[^>]*>")
ICONS = ".fa{font-style:normal}" + "".join(
    f'.fa-{name}::before{{content:"{letter}"}}'
    for name, letter in {
        "minus": "−",
        "fast-backward": "|◀◀",
        "step-backward": "|◀",
        "pause": "❚❚",
        "play": "▶",
        "play.fa-flip-horizontal": "◀",
        "step-forward": "▶|",
        "fast-forward": "▶▶|",
        "plus": "+",
    }.items()
)


def make_animation(
    X: ArrayLike, frames: Sequence[Mapping[str, Any]], K: int, interval_ms: float = 900
) -> "Animation":
    """The notebook's call: an animation of one start's frames, as `run_kmeans` gives them.

    X: (n, d). frames: mappings with phase, labels (n,), centroids (K, d) and description.
    interval_ms: of every frame, whatever its phase. Raises DataError where shapes do not fit or
    there is no frame, SpecError for the interval.
    """
    return Animation(from_frames(X, frames, K), _interval(interval_ms))


class Animation(FuncAnimation):
    """A matplotlib animation on a figure of its own, which keeps every frame wherever it goes."""

    def __init__(self, scene: Scene, interval_ms: int) -> None:
        self.stage = Stage([scene])
        super().__init__(
            self.stage.figure,
            self.stage.show,
            frames=self.stage.frames,
            init_func=list,
            interval=interval_ms,
            cache_frame_data=False,
        )

    def __del__(self) -> None:
        """Nothing: an animation that nobody looked at is no mistake."""

    def to_jshtml(self, *args: Any, **options: Any) -> str:
        """A player of all frames as HTML; nothing is left out, however large it gets."""
        with _unlimited():
            return ICON_FONT.sub(f"<style>{ICONS}</style>", super().to_jshtml(*args, **options))

    def to_html5_video(self, embed_limit: float | None = None) -> str:
        """A video of all frames as HTML."""
        with _unlimited():
            return super().to_html5_video(embed_limit or math.inf)

    def save(self, filename: Any, writer: Any = None, *args: Any, **options: Any) -> None:
        """Save as matplotlib does; the suffix chooses the writer where none is given."""
        suffix = Path(filename).suffix.lower()
        chosen = {".gif": "pillow", ".webp": "pillow", ".html": "html", ".htm": "html"}.get(suffix)
        with _unlimited():
            super().save(filename, writer or chosen, *args, **options)

    def _repr_html_(self) -> str:
        return self.to_jshtml()


def _unlimited() -> Any:
    """Matplotlib's settings under which no frame is dropped and MP4 needs no ffmpeg installed."""
    settings: dict[Any, Any] = {"animation.embed_limit": math.inf}
    try:
        import imageio_ffmpeg

        settings["animation.ffmpeg_path"] = imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError):
        pass  # then matplotlib looks for one itself, and says so where there is none
    return matplotlib.rc_context(settings)


def player_assets() -> str:
    """The <style> and <script> that the fragments of a page share, once in its head."""
    return player.assets()


class Film:
    """One start, or several side by side on one clock: the last frame of a shorter one is held.

    names: what each is, as "best". matches: for each, the number (k,) its clusters go by, so that
    colors mean the same. said: the titles of each, by default what its trace knows. interval_ms:
    half of what a step takes. Raises SpecError where there is none or their numbers differ.
    """

    def __init__(
        self,
        traces: Sequence["Trace"],
        names: Sequence[str] = (),
        matches: Sequence[ArrayLike] | None = None,
        interval_ms: float = 900,
        said: Sequence[Titles] | None = None,
    ) -> None:
        if not traces:
            raise SpecError("a film of no start; allowed: one start or more")
        for what, given in (
            ("names", names),
            ("matches", matches or ()),
            ("titles", said or ()),
        ):
            if given and len(given) != len(traces):
                raise SpecError(f"{len(given)} {what} for {len(traces)} starts; allowed: one each")
        self.interval_ms = _interval(interval_ms)
        self.scenes = from_traces(traces, names, matches, said or [*map(titles, traces)])

    def __len__(self) -> int:
        return max(len(scene.shots) for scene in self.scenes)

    @property
    def durations(self) -> list[int]:
        """How long each frame is shown, in ms; an MP4, of one rate, shows each for the interval."""
        return durations(self.scenes, self.interval_ms)

    def html(self) -> str:
        """A whole page with the player; it loads nothing."""
        return player.page(self.scenes, self.interval_ms)

    def fragment(self) -> str:
        """The player's markup and data, for a page that has `player_assets()` in its head."""
        return player.fragment(self.scenes, self.interval_ms)

    def still(self) -> bytes:
        """A PNG of key frames, the first and the last among them, for paper."""
        return self._still

    @cached_property
    def _still(self) -> bytes:
        from .filmstrip import strip

        return strip(self.scenes)

    @property
    def still_size(self) -> tuple[int, int]:
        """Width and height of the still in pixels."""
        width, height = unpack(">II", self.still()[16:24])  # where a PNG has them
        return width, height

    @property
    def alt(self) -> str:
        """What the still shows, in words."""
        kind = f"Key frames of a film of {len(self)} frames. "
        return kind + " ".join(map(_told, self.scenes))

    def gif(self) -> bytes:
        """A GIF that loops."""
        from .encode import gif
        from .filmstrip import key_frames
        from .raster import Raster

        raster = Raster(self.scenes)
        samples = {i: raster.frame(i).copy() for i in key_frames(len(raster), 4)}
        frames = (samples[i] if i in samples else raster.frame(i) for i in range(len(raster)))
        return gif(frames, samples.values(), self.durations, raster.colors)

    def mp4(self) -> bytes:
        """An H.264 video, at one rate: of a varying one some readers repeat frames.

        Raises RunError where the encoder is missing or fails.
        """
        from .encode import mp4
        from .raster import Raster

        raster = Raster(self.scenes)
        return mp4(raster, raster.size, self.interval_ms)

    def save(self, path: str | Path) -> Path:
        """Write the film whole or not at all, as what the suffix says: html, gif, mp4 or png.

        Raises SpecError for another suffix, RunError where it cannot be encoded, OSError where it
        cannot be written.
        """
        path = Path(path)
        make = FORMATS.get(path.suffix.lower())
        if make is None:
            raise SpecError(f"{path.name}: no film format; allowed: {', '.join(FORMATS)}")
        files.write(path, make(self))
        return path

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{html.escape(self.html())}" sandbox="allow-scripts" '
            f'title="Film of k-means" width="100%" height="{HEIGHT}" style="border:0"></iframe>'
        )


FORMATS: dict[str, Callable[[Film], bytes]] = {
    ".html": lambda film: film.html().encode(),
    ".gif": Film.gif,
    ".mp4": Film.mp4,
    ".png": Film.still,
}


def _interval(interval_ms: Any) -> int:
    low, high = INTERVALS
    number = isinstance(interval_ms, numbers.Real) and not isinstance(interval_ms, bool)
    if not number or not low <= interval_ms <= high:
        given = f"interval_ms is {interval_ms!r}"
        raise SpecError(f"{given}; allowed: {low} to {high}, in milliseconds")
    return round(float(interval_ms))


def _told(scene: Scene) -> str:
    last = scene.shots[-1]
    who = ": ".join(part for part in (scene.name, scene.title) if part)
    score = f", silhouette {scene.score_text(last)}" if last.scores else ""
    return f"{who + '. ' if who else ''}Last frame: {last.caption}{score}."
