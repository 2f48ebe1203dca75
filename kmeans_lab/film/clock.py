"""How long each frame of a film is shown."""

from collections.abc import Sequence

from ..pictures.scene import Scene

# In units of the interval. A step takes two of them: most of it goes to the assign, where points
# all over the picture may change sides, and less to the update, which moves k centers. The first
# and the last frame have something to read.
SHARES = {"init": 2.5, "assign": 1.2, "update": 0.8}
LAST = 4.0
SHORTEST = 20  # ms that a GIF can show


def durations(scenes: Sequence[Scene], interval_ms: float) -> list[int]:
    """Milliseconds, in tens, of each frame of scenes on one clock: the longest tells the phases."""
    shots = max((scene.shots for scene in scenes), key=len)
    shares = [SHARES.get(shot.phase, 1.0) for shot in shots[:-1]] + [LAST]
    return [max(SHORTEST, 10 * round(share * interval_ms / 10)) for share in shares]
