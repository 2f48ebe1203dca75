"""Initializers by name: built in, or a user's own `module:function`, found beside the spec."""

import sys
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import SpecError
from ..kernels.initializers import INITIALIZERS

MOST = 2**32 - 1  # the largest seed of a RandomState

# (X (n, d), k, seed) -> first centers (k, d)
Initializer = Callable[[NDArray[np.float64], int, int], Any]
_one_at_a_time = RLock()


def load_initializer(init: str, base: Path) -> Initializer:
    """The initializer of that name. Raises SpecError where a `module:function` cannot be had.

    A user's function is called as scikit-learn calls it, with RandomState(seed) and a read-only
    copy of X.
    """
    if init in INITIALIZERS:
        built_in = INITIALIZERS[init].function
        return lambda X, k, seed: built_in(X, k, np.random.default_rng(seed))
    with _one_at_a_time:
        function = _function(init, base.absolute())

    def call(X: NDArray[np.float64], k: int, seed: int) -> Any:
        copy = X.copy()
        copy.setflags(write=False)
        return function(copy, k, random_state=np.random.RandomState(seed))

    return call


@lru_cache(maxsize=64)
def _function(init: str, base: Path) -> Callable[..., Any]:
    name, _, attribute = init.partition(":")
    try:
        module = _module(name, base)
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


def _module(name: str, base: Path) -> ModuleType:
    """The module beside the spec, whatever else has its name, or the installed one."""
    path = base.joinpath(*name.split("."))
    file = next((f for f in (path.with_suffix(".py"), path / "__init__.py") if f.is_file()), None)
    sys.path.insert(0, str(base))  # for what it imports itself
    try:
        return import_module(name) if file is None else _from_file(file)
    finally:
        sys.path.remove(str(base))


def _from_file(file: Path) -> ModuleType:
    unique = f"_kmeans_lab_{sha256(str(file).encode()).hexdigest()[:16]}"
    spec = spec_from_file_location(unique, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[unique] = module  # dataclasses and pickle look a function's module up
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[unique]
        raise
    return module
