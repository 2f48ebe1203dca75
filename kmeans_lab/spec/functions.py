"""A user's own function, `module:function`: found beside the spec or installed, and called."""

import sys
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.points import LARGEST
from ..errors import SpecError

Points = NDArray[np.float64]
_one_at_a_time = RLock()


def given(function: Callable[..., Any], X: Points, k: int, seed: int) -> Points | str:
    """First centers (k, d) of a seed, or why there are none.

    The function is called as scikit-learn calls it, with RandomState(seed) and a read-only copy of
    X (n, d).
    """
    try:
        centers = _real(_called(function, X, k, seed))
        return _why_not(centers, (k, X.shape[1])) or centers
    except (Exception, SystemExit) as error:
        text = f"{type(error).__name__}: {error}".splitlines()[0][:500]
        return text.encode("utf-8", "replace").decode()


def _called(function: Callable[..., Any], X: Points, k: int, seed: int) -> Any:
    copy = X.copy()
    copy.setflags(write=False)
    return function(copy, k, random_state=np.random.RandomState(seed))


def _real(given: Any) -> Points:
    """An array of float64; NumPy would drop the imaginary part of one that is complex."""
    if np.iscomplexobj(given):
        raise TypeError("init gave complex centers; wanted real ones")
    return np.asarray(given, dtype=np.float64)


def _why_not(centers: Points, shape: tuple[int, ...]) -> str:
    """What keeps an array from being first centers, or ""."""
    if centers.shape != shape:
        return f"init gave an array of shape {centers.shape}; wanted {shape}"
    if not np.isfinite(centers).all():
        return "init gave centers that are not finite"
    if (far := np.abs(centers).max()) > LARGEST:
        return f"init gave {far:g} in a center; allowed: up to {LARGEST:g}"
    return ""


def code_digest(init: str, base: Path) -> str:
    """SHA-256 of the file in which a function stands; empty where there is no such file."""
    name = init.partition(":")[0]
    try:
        installed = None if (file := _beside(name, base.absolute())) else find_spec(name)
        origin = file or Path((installed and installed.origin) or "")
        return sha256(origin.read_bytes()).hexdigest()
    except (OSError, ImportError, ValueError):
        return ""


def function_of(init: str, base: Path, digest: str) -> Callable[..., Any]:
    """The function of that name; `digest` tells whether its file has changed since.

    Raises SpecError where it cannot be had.
    """
    with _one_at_a_time:
        return _function(init, base, digest)


@lru_cache(maxsize=64)
def _function(init: str, base: Path, digest: str) -> Callable[..., Any]:
    name, _, attribute = init.partition(":")
    try:
        module = _module(name, base, digest)
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise SpecError(
            f"init {init!r}: module {name!r} cannot be loaded from {base} nor as an installed one "
            f"({reason})"
        ) from error
    function = getattr(module, attribute, None)
    if not callable(function):
        found = ", ".join(n for n, v in vars(module).items() if callable(v) and n[0] != "_")
        raise SpecError(
            f"init {init!r}: {module.__file__ or name} has no function {attribute!r}; "
            f"it has: {found or 'none'}"
        )
    return function  # type: ignore[no-any-return]


def _beside(name: str, base: Path) -> Path | None:
    """The file of a module that stands beside the spec."""
    path = base.joinpath(*name.split("."))
    files = (path / "__init__.py", path.with_suffix(".py"))
    return next((file for file in files if file.is_file()), None)


def _module(name: str, base: Path, digest: str) -> ModuleType:
    """The module beside the spec, whatever else has its name, or the installed one."""
    beside = _beside(name, base)
    sys.path.insert(0, str(base))  # for what it imports itself
    usual = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # else a folder would stay beside the spec
    try:
        return _own(name, base, digest) if beside else import_module(name)
    finally:
        sys.path.remove(str(base))
        sys.dont_write_bytecode = usual


def _own(name: str, base: Path, digest: str) -> ModuleType:
    """A module or package beside the spec, under a name that no other has."""
    top, _, rest = name.partition(".")
    unique = f"_kmeans_lab_{sha256(f'{base}{name}{digest}'.encode()).hexdigest()[:16]}"
    file = _beside(top, base)
    inside = [str(base / top)] if rest or (file and file.stem == "__init__") else None
    spec = spec_from_file_location(unique, file, submodule_search_locations=inside)
    spec = spec if file and spec else ModuleSpec(unique, None, is_package=True)
    module = module_from_spec(spec)
    if inside:
        module.__path__ = inside
    sys.modules[unique] = module  # dataclasses and pickle look a function's module up
    try:
        if spec.loader:
            spec.loader.exec_module(module)
        return import_module(f"{unique}.{rest}") if rest else module
    except BaseException:
        del sys.modules[unique]
        raise
