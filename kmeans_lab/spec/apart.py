"""A user's initializer in a process of its own: its death, or that it hangs, is a start's error."""

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import cache, lru_cache
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from threading import Lock
from typing import Any

from ..errors import SpecError
from .functions import Points, function_of, given

TRIES = 2  # times that a start is begun whose process dies: others may have killed it
LIMIT, SECONDS = "KMEANS_LAB_INIT_SECONDS", 600.0  # that one call may take, and by default
LONGEST = 1e6  # seconds, as poll() counts milliseconds in an int
GRACE = 5.0  # seconds in which a process whose connection is closed has ended
RESERVED = 4 << 30  # bytes of addresses that libraries take without using them
PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from kmeans_lab.spec.apart import serve; serve(*sys.argv[2:])"
)


class Apart:
    """Calls a user's function in another process, which is begun anew where it has died."""

    def __init__(self, init: str, base: Path, digest: str) -> None:
        self.where, self.limit, self.lock = (init, str(base), digest), _limit(), Lock()
        self.X: Points | None = None  # what the process has, while it waits for a question
        self.end: Callable[[], Any] = lambda: None

    def __call__(self, X: Points, k: int, seed: int) -> Points | str:
        """First centers (k, d) of a seed, or why there are none."""
        reason = ""
        with self.lock:
            for _ in range(TRIES):
                try:
                    return self._asked(X, k, seed)
                except TimeoutError as error:
                    self.end()
                    return str(error)
                except (EOFError, OSError):
                    reason = self._buried()
        return f"its process {reason}, {TRIES} times"

    def _asked(self, X: Points, k: int, seed: int) -> Points | str:
        if self.X is not X:
            self._begin(X)
            self._answer(max(self.limit, SECONDS))  # that it is ready
        self.X = None  # until it answers; after Ctrl-C that would be to another question
        self.connection.send((k, seed))
        found = self._answer(self.limit)
        self.X = X if self.process.poll() is None else None
        return found

    def _answer(self, limit: float) -> Points | str:
        if not self.connection.poll(limit):
            raise TimeoutError(f"it did not come back within {limit:g} s")
        return self.connection.recv()  # type: ignore[no-any-return]

    def _begin(self, X: Points) -> None:
        self.end()
        self.connection, theirs = Pipe()
        call = [sys.executable, "-P", "-c", PROGRAM, json.dumps(sys.path), str(theirs.fileno())]
        with theirs:
            self.process = subprocess.Popen(
                [*call, str(os.getpid()), *self.where],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self.end = weakref.finalize(self, _end, self.process, self.connection)
        self.connection.send(X)

    def _buried(self) -> str:
        """How the process ended."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE)
        self.end()
        code = self.process.returncode
        if code >= 0:
            return f"ended with exit status {code}"
        names = {int(each): each.name for each in signal.Signals}
        return f"was ended by {names.get(-code, f'signal {-code}')}"


@lru_cache(maxsize=4)
def apart_of(init: str, base: Path, digest: str) -> Apart:
    """The process of a function, one for all blocks. Raises SpecError for a limit that is none."""
    return Apart(init, base, digest)


def _end(process: "subprocess.Popen[bytes]", connection: Any) -> None:
    connection.close()
    process.kill()
    process.wait()


def _limit() -> float:
    """Seconds that one call may take."""
    text = os.environ.get(LIMIT, "")
    try:
        seconds = float(text or SECONDS)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= LONGEST:
        raise SpecError(f"{LIMIT} is {text!r}; allowed: seconds, above 0 and up to {LONGEST:g}")
    return seconds


def serve(handle: str, parent: str, init: str, base: str, digest: str) -> None:
    """Answer with first centers, as the program of the process, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is sent here too
    end_with(int(parent))
    _bound()

    def function(*points: Any, **seeded: Any) -> Any:
        return function_of(init, Path(base), digest)(*points, **seeded)

    connection = Connection(int(handle))
    with suppress(EOFError, OSError):
        X = connection.recv()
        connection.send("ready")
        while True:
            connection.send(given(function, X, *connection.recv()))


def _bound() -> None:
    """Take no more memory than the machine has, and be the first to go where it runs out."""
    if not sys.platform.startswith("linux"):
        return
    import resource

    with suppress(OSError, ValueError):
        Path("/proc/self/oom_score_adj").write_text("1000")
        most = RESERVED + os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        allowed = [each for each in (soft, hard, most) if each != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_AS, (min(allowed), hard))


@cache
def end_with(parent: int) -> None:
    """End this process within a second of its parent's end, were that by SIGKILL."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
