"""Files that are there whole or not at all, and one lock for a folder."""

import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Generic, TypeVar

from .errors import InUseError, RunError

T = TypeVar("T")
BUFFER = 1 << 20  # bytes of a file that are written at once
TEMPORARY = ".tmp-"  # hidden, so that every reader of the folder passes over it


class Written:
    """A file as it is written, and the SHA-256 of what has been."""

    closed = False  # as pyarrow asks: who opened it closes it

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._digest = file, hashlib.sha256()

    def write(self, data: bytes | memoryview) -> int:
        """Write some bytes."""
        self._digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Nothing: it is done once, at the end."""

    def sha256(self) -> str:
        """SHA-256 of all bytes so far, in hex."""
        return self._digest.hexdigest()


def write(path: Path, data: bytes | memoryview) -> str:
    """Put `data` at `path`, there whole or not at all; gives its SHA-256."""
    with writing(path) as file:
        file.write(data)
    return file.sha256()


@contextmanager
def writing(path: Path) -> Iterator[Written]:
    """A file that is at `path` once it is finished: by an atomic rename when it is fsynced."""
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{threading.get_ident()}-{path.name}")
    try:
        with temporary.open("wb", BUFFER) as file:
            yield Written(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(path.parent)


@contextmanager
def advised(path: Path) -> Iterator[None]:
    """Let what a disk refuses be a RunError with the path and what helps."""
    try:
        yield
    except OSError as error:
        raise RunError(
            f"cannot write {path}: {error.strerror or error}; what is finished stays: "
            "make room, then run again"
        ) from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def alike(listed: str, digest: str) -> bool:
    """Whether a file's SHA-256 is the one listed, but for a bit that the list has lost.

    Of other bytes nearly every digit would differ.
    """
    return sum(a != b for a, b in zip(listed, digest, strict=True)) <= 1


@contextmanager
def locked(folder: Path, name: str = ".lock", *, alone: bool = True) -> Iterator[None]:
    """Hold a lock of the folder, or share it with others who do; a dead holder's is free at once.

    Raises InUseError where it is held.
    """
    with advised(folder / name):
        file = (folder / name).open("a+")
    with file:
        if not _acquired(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH):
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise InUseError(
                f"{folder} is in use by another run (process {holder}); wait, or stop it"
            )
        with suppress(OSError):  # a full disk: then the holder is unknown
            os.truncate(file.fileno(), 0)
            os.write(file.fileno(), f"{os.getpid()}\n".encode())
        yield


def _acquired(file: IO[str], kind: int) -> bool:
    for pause in (0.1, 0.1, 0.0):  # a glance by `is_locked` is over by then
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(pause)
        else:
            return True
    return False


def is_locked(folder: Path) -> bool:
    """Whether some process holds the folder's lock now, alone or with others."""
    path = folder / ".lock"
    may_write = os.access(path, os.W_OK)
    try:
        with path.open("rb+" if may_write else "rb") as file:
            # Over NFS an exclusive lock takes the right to write; a shared one sees a run at least.
            fcntl.flock(file, (fcntl.LOCK_EX if may_write else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextmanager
def entered(
    folder: Path, name: str, *, alone: bool, waiting: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Be in a folder for what `name` says, alone or with all who ask for no more; waits for that.

    waiting: called first where it has to wait.
    """
    # A file, as of a folder's own lock NFS tells no other machine.
    path, kind = folder / f".lock-{name}", fcntl.LOCK_EX if alone else fcntl.LOCK_SH
    with advised(path):
        file = path.open("ab+")
    with file:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, kind)
        yield


class Kept(Generic[T]):
    """What is found in files, looked for again only when a file is another."""

    def __init__(self, look: Callable[[Path], T]) -> None:
        self._look = look
        self._found: dict[Path, tuple[tuple[int, int, int], T]] = {}

    def of(self, path: Path) -> T:
        """What is found in a file. Raises OSError where it cannot be read."""
        now = path.stat()
        stamp = now.st_ino, now.st_size, now.st_mtime_ns
        if path not in self._found or self._found[path][0] != stamp:
            self._found[path] = stamp, self._look(path)
        return self._found[path][1]
