"""Compiled kernels kept between processes: a file for each state of sources, versions, processor.

The file's name is a digest of all three, so an edit in any kernel module, another Numba or another
machine never meets it, and a second clone of the same sources does. It starts with the SHA-256 of
the rest and is read and written under an OS lock: damaged, it is built again; two cold processes
compile once. (Numba's own cache knows neither lock nor checksum nor edits in other files.)
Whatever is wrong with the cache costs time, never the run.
"""

import atexit
import errno
import fcntl
import hashlib
import os
import pickle
import platform
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy

VARIABLE = "KMEANS_LAB_CACHE"
KEPT = 16  # states kept in a folder; the oldest go first


def cache_folder() -> Path:
    """Folder of compiled kernels: $KMEANS_LAB_CACHE, or kmeans_lab in the user's cache folder."""
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen).absolute()
    user = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (user if user.is_absolute() else Path.home() / ".cache") / "kmeans_lab"


@contextmanager
def pack(names: Collection[str], say: Callable[[str], None]) -> Iterator[dict[str, bytes]]:
    """Compiled kernels by name; what is added is written back.

    While one of `names` is missing no other process can open it, so that it finds them all.
    """
    # Sources that were edited since they were imported would be kept under another's digest.
    file = _open(say) if SOURCES and _sources() == SOURCES else None
    if file is None:
        yield {}
        return
    with file:
        entries = _read(file)
        known = dict(entries)
        if entries.keys() >= set(names):
            file.close()
        yield entries
        if not file.closed and entries != known:
            try:
                _write(file, entries)
            except OSError as error:
                say(f"compiled kernels could not be kept in {cache_folder()}: {error.strerror}")


def _open(say: Callable[[str], None]) -> FileIO | None:
    try:
        return _locked(cache_folder())
    except Exception as error:
        say(f"compiled kernels cannot be kept: {error}; {VARIABLE} may name another folder")
    try:
        return _locked(_private())
    except Exception:
        return None


def _private() -> Path:
    """A folder for this process and, through the environment, the workers it starts."""
    folder = Path(tempfile.mkdtemp(prefix="kmeans_lab-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[VARIABLE] = str(folder)
    return folder


def _locked(folder: Path) -> FileIO:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _trust(folder.stat(), folder)
    path = folder / f"{_state()}.kernels"
    # Unbuffered, so that a full disk is met when writing and not once more when closing.
    file = open(path, "a+b", buffering=0, opener=_private_file)  # noqa: SIM115
    try:
        _trust(os.fstat(file.fileno()), path)
        fcntl.flock(file, fcntl.LOCK_EX)
    except BaseException:
        file.close()
        raise
    return file


def _private_file(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _trust(status: os.stat_result, path: Path) -> None:
    """Refuse what somebody else could have written: the file is a pickle, reading it runs it."""
    if status.st_uid != os.getuid():
        raise PermissionError(f"{path} belongs to another user")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(f"{path} is writable by other users")


def _read(file: FileIO) -> dict[str, bytes]:
    try:
        file.seek(0)
        checksum, _, content = file.read().partition(b"\n")
        if hashlib.sha256(content).hexdigest().encode() == checksum:
            return dict(pickle.loads(content))
    except Exception:
        pass
    return {}  # new, or damaged


def _write(file: FileIO, entries: dict[str, bytes]) -> None:
    content = pickle.dumps(entries)
    content = hashlib.sha256(content).hexdigest().encode() + b"\n" + content
    file.truncate(0)
    if file.write(content) < len(content):
        file.truncate(0)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    files = sorted(cache_folder().glob("*.kernels"), key=lambda path: path.stat().st_mtime)
    for old in files[:-KEPT]:
        old.unlink(missing_ok=True)


def _sources() -> list[tuple[str, bytes]]:
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return [(path.name, hashlib.sha256(path.read_bytes()).digest()) for path in sources]


def versions() -> dict[str, str]:
    """The packages that the values of kernels could depend on."""
    return {"numpy": numpy.__version__, "numba": numba.__version__}


def _state() -> str:
    """Hex digest of all that compiled code depends on."""
    versions = (sys.version, numba.__version__, llvmlite.__version__, numpy.__version__)
    target = numba.core.registry.cpu_target.target_context
    processor = (platform.machine(), *target.codegen().magic_tuple())
    config: Any = numba.config
    options = (config.OPT, config.BOUNDSCHECK, config.DEBUGINFO_DEFAULT)
    state = repr((SOURCES, versions, processor, options))
    return hashlib.sha256(state.encode()).hexdigest()[:32]


SOURCES = _sources()  # as they were when the kernels were imported
