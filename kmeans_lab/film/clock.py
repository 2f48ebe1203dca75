"""How long each frame of a film is shown."""

from collections.abc import Sequence

from ..pictures.scene import Scene

# In units of the interval. A step takes two of them: most of it goes to the assign, where points
# all over the picture may change sides, and less to the update, which moves k centers. The first
# and the last frame have something to read.
FIRST, ASSIGN, UPDATE, LAST = 2.5, 1.2, 0.8, 4.0
SHORTEST = 20  # ms that a GIF can show


def holds(interval_ms: float) -> tuple[int, int, int, int]:
    """Milliseconds, in tens, of a first frame, an assign, an update and a last frame."""
    first, assign, update, last = (
        max(SHORTEST, 10 * round(share * interval_ms / 10))
        for share in (FIRST, ASSIGN, UPDATE, LAST)
    )
    return first, assign, update, last


def durations(scenes: Sequence[Scene], interval_ms: float) -> list[int]:
    """Milliseconds of each frame of scenes on one clock; the longest tells the phases."""
    first, assign, update, last = holds(interval_ms)
    shots = max((scene.shots for scene in scenes), key=len)
    known = {"init": first, "assign": assign, "update": update}
    return [*(known.get(shot.phase, assign) for shot in shots[:-1]), last]
