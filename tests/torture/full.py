"""Run a command on disks of so many kilobytes, then with room; a JSON line for each of them.

As a program, in a mount namespace of its own: what it mounts is gone when it ends.
"""

import json
import subprocess
import sys
from pathlib import Path

from faulty import forked, found, repeated, tried
from kmeans_lab.kernels._jit import warm
from kmeans_lab.runner import runner


def mount(*options):
    subprocess.run(["mount", "-t", "tmpfs", *options], check=True)


def case(command, disk, size):
    """What the command said and left on a disk of `size` kB, and after it was given room."""
    study = Path(disk) / "small"
    mount("-o", f"size={size}k", "none", disk)
    told = {"size": size} | tried(command)
    told |= {"met": bool(told["code"])} | found(study)
    mount("-o", "remount,size=64m", disk)
    told |= repeated(command, study)
    subprocess.run(["umount", disk], check=True)
    return told


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    runner.block_size = lambda *_: 2
    warm(lambda text: None)
    for size in asked["sizes"]:
        told = forked(case, asked["command"], asked["disk"], size)
        print(json.dumps(told), flush=True)
        if not told.get("met"):
            break
