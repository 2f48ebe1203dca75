"""A package of one small kernel around the lab's real machinery, run in processes of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import kmeans_lab as kl
from kmeans_lab.kernels import _cache

KERNEL = """
from numba import types
from ._jit import kernel, readonly
from .helper import scale

@kernel(types.float64(readonly(types.float64, 1)))
def total(values):
    result = 0.0
    for i in range(values.size):
        result += scale(values[i])
    return result
"""
HELPER = """
from ._jit import inner

@inner
def scale(x):
    return 2.0 * x
"""
# Four threads want the kernel at once, as the runner's do.
PROGRAM = """
import concurrent.futures, sys
import numpy as np
from small.kernels._jit import warm
from small.kernels.total import total

def compute(values):
    warm(lambda line: print(line, file=sys.stderr))
    return total(values)

with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print(*set(pool.map(compute, [np.arange(4.0)] * 4)))
"""
COMPILING = "compiling the kernels, once: about a minute\n"


def clone(parent, helper=HELPER):
    """A package of one kernel around the real machinery."""
    kernels = parent / "small" / "kernels"
    kernels.mkdir(parents=True)
    for name in ("_jit.py", "_cache.py"):
        shutil.copy(Path(_cache.__file__).with_name(name), kernels / name)
    shutil.copy(Path(kl.__file__).with_name("errors.py"), kernels.parent)
    for name, text in {
        "../__init__": "",
        "__init__": "",
        "helper": helper,
        "total": KERNEL,
    }.items():
        (kernels / f"{name}.py").write_text(text)
    return parent


def start(folder, cache, program=PROGRAM, **options):
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/nowhere"}
    environment |= {"KMEANS_LAB_CACHE": str(cache)} if cache else {}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program],
        cwd=folder,
        env=environment | options.pop("env", {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def finish(process, result="12.0\n"):
    """Wait for the process, which must succeed; what it said."""
    output, said = process.communicate(timeout=120)
    assert (process.returncode, output) == (0, result), said
    return said
