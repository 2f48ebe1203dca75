"""Workers that another program began, perhaps elsewhere: asked first whether they can serve.

What they get is the name of a block and the fingerprint of its data. They read the data from the
study's folder, which they share with the run, and write their blocks there.
"""

import hashlib
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from .. import __version__, files
from ..errors import RunError, SpecError
from ..kernels import _cache
from ..store.store import Store

ANSWER = 10  # seconds that a scheduler has to answer, and its first worker to come
LISTEN = 5.0  # seconds that one which was just begun has to listen


class Terms(NamedTuple):
    """What a worker has to agree with before it works for a run."""

    folder: str  # of the study
    sign: str  # a file's name there, which only who shares the folder can see
    versions: dict[str, str]


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """What the values of a study could depend on, here."""
    home = Path(files.__file__).parent
    sources = {f"{path.relative_to(home)}": path for path in sorted(home.rglob("*.py"))}
    code = repr([(name, files.sha256(path)) for name, path in sources.items()])
    digest = hashlib.sha256(code.encode()).hexdigest()
    return {"kmeans_lab": __version__, **_cache.versions(), "code": digest[:12]}


@contextmanager
def terms(folder: Path) -> Iterator[Terms]:
    """Terms for the workers of a study in `folder`, where a sign stands meanwhile."""
    sign = folder / f"{files.TEMPORARY}{uuid4().hex}"
    with files.advised(sign):
        sign.touch()
    try:
        yield Terms(str(folder.absolute()), sign.name, versions())
    finally:
        sign.unlink(missing_ok=True)


def objection(asked: Terms, own: bool = True) -> str:
    """Why this process cannot serve; it can: "". own: a user's initializers are looked at too."""
    mine = versions()
    for name, version in asked.versions.items():
        if mine.get(name) != version:
            return f"has {name} {mine.get(name)}, the run {version}; install the same on both"
    if not ongoing(asked):
        return f"does not share {asked.folder} with the run; put the results where both see them"
    return _foreign(asked.folder) if own else ""


def ongoing(asked: Terms) -> bool:
    """Whether the run that asks goes on, as far as this process sees."""
    return Path(asked.folder, asked.sign).is_file()


def _foreign(folder: str) -> str:
    """What differs of a user's initializers here; nothing: "".

    Looked up each time, as either side may be mended while the worker stays.
    """
    store = Store(folder)
    try:
        changed = store.changed_inits(store.spec())
    except SpecError as error:
        return f"cannot begin: {error}"
    return f"has another {changed[0]!r} than the run; share the spec's folder" if changed else ""


def agree(asked: Terms, own: bool) -> None:
    """Raise RunError where this process cannot serve, see `objection`."""
    if reason := objection(asked, own):
        raise RunError(f"a worker on {socket.gethostname()} {reason}")


@contextmanager
def connected(scheduler: str) -> Iterator[Any]:
    """A client of a Dask scheduler. Raises SpecError where none answers or it has no workers."""
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise SpecError(
            "backend dask needs the extra dask, which is not installed: "
            "pip install 'kmeans_lab[dask]', or -e '.[dask]' in a checkout"
        ) from None
    _knock(scheduler)
    with _silence("distributed", "tornado", "asyncio"), _client(distributed, scheduler) as client:
        try:
            client.wait_for_workers(1, timeout=ANSWER)
        except TimeoutError as error:
            raise SpecError(
                f"the scheduler at {scheduler} has no workers; begin some: dask worker {scheduler}"
            ) from error
        yield client


@contextmanager
def _silence(*names: str) -> Iterator[None]:
    """Let no logger of some packages tell what is told in one line here.

    Nor afterwards, where the work was broken off: connections then go on ending for a while.
    """
    known = [each for each in logging.root.manager.loggerDict if each.startswith(names)]
    levels = {each: logging.getLogger(each).level for each in known}
    for each in known:
        logging.getLogger(each).setLevel(logging.CRITICAL + 1)
    yield
    for each, level in levels.items():
        logging.getLogger(each).setLevel(level)


def _client(distributed: Any, scheduler: str) -> Any:
    try:
        return distributed.Client(scheduler, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError) as error:
        raise _unanswered(scheduler) from error


def _knock(scheduler: str) -> None:
    """Raise SpecError where nobody speaks first, as schedulers do: a client would wait for ever."""
    try:
        address = urlsplit(scheduler if "//" in scheduler else f"tcp://{scheduler}")
        with _connection(address.hostname or "", address.port or 0) as connection:
            if address.scheme == "tcp" and not connection.recv(1):
                raise _unanswered(scheduler)
    except (OSError, ValueError) as error:
        raise _unanswered(scheduler) from error


def _connection(host: str, port: int) -> socket.socket:
    end = time.monotonic() + LISTEN
    while True:
        try:
            return socket.create_connection((host, port), ANSWER)
        except ConnectionRefusedError:
            if port == 0 or time.monotonic() > end:
                raise
            time.sleep(0.2)


def _unanswered(scheduler: str) -> SpecError:
    return SpecError(
        f"no scheduler answers at {scheduler!r}; "
        "allowed: the address of a running `dask scheduler`, as tcp://host:8786"
    )


def check(client: Any, asked: Terms) -> None:
    """Ask every worker there is. Raises RunError, which names the first to object."""
    for address, answer in client.run(objection, asked, on_error="return").items():
        if isinstance(answer, Exception):
            answer = f"cannot serve: {type(answer).__name__}: {answer}"
        if answer:
            raise RunError(f"the worker at {address} {answer}")


def _told(done: Any, callback: Any) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        callback(error)


def backend_of(client: Any) -> Any:
    """joblib's way to a scheduler's workers."""
    from joblib._dask import DaskDistributedBackend

    class Elsewhere(DaskDistributedBackend):  # type: ignore[misc]
        """Leaves none of the work to the run's own process, as joblib does for a single worker."""

        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(2, int(super().effective_n_jobs(n_jobs)))

        def submit(self, func: Any, callback: Any = None) -> Any:
            """Tell of a task that failed outside of its function too, which joblib waits for."""
            future = super().submit(func, callback)
            if callback is not None:
                future.add_done_callback(lambda done: _told(done, callback))
            return future

    return Elsewhere(client=client)
