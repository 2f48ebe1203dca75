"""On a machine that lacks what others have, among names that no program expects, a study is made.

Read-only package, no home, the C locale, no ffmpeg, a window system that is asked for and not
there, spaces and ünïcode in every path, a clock that jumps.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kmeans_lab as kl
from kmeans_lab.kernels._jit import cache_folder
from processes import COMMAND
from studies import digests, write_points, write_spec

FILMS = '[render]\npick = ["best"]\nformat = ["html", "gif", "png"]\n'
PICTURE = '[render]\npick = ["best"]\nformat = ["png"]\n'
NAME = "a b</script>ü$x$花".replace("/", "∕")  # a slash that is none
SET_NO_MORE, PAST_MODES = 24, 1  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE of <linux/prctl.h>

# Every answer is another one, up to thirty years off.
CLOCK = """
import itertools, time

def jumping(real, unit):
    jumps = itertools.cycle([0, 9e6, -9e6, 1e9, -1e9, 3])
    return lambda: real() + type(real())(next(jumps) * unit)

time.time, time.time_ns = jumping(time.time, 1), jumping(time.time_ns, 1e9)
"""


# What Python itself avoids in the C locale: file names and text are ASCII.
ASCII_ONLY = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def bound_by_modes():
    """Let the superuser, as whom tests may run, write only what modes allow."""
    ctypes.CDLL(None).prctl(SET_NO_MORE, PAST_MODES, 0, 0, 0)


@pytest.fixture
def package(tmp_path):
    """A copy of the package that cannot be written to, in a folder for PYTHONPATH."""
    lib = tmp_path / "lib ü 花"
    left_out = shutil.ignore_patterns("__pycache__")
    copy = shutil.copytree(Path(kl.__file__).parent, lib / "kmeans_lab", ignore=left_out)
    folders = [lib, copy, *(path for path in copy.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    yield lib
    for folder in folders:
        folder.chmod(0o755)


def place(folder, rng, name=NAME):
    """A folder with points, both named so."""
    folder = folder / f"at {name}"
    folder.mkdir()
    write_points(folder, rng, n=30).rename(folder / f"{name}.csv")
    return folder


def asked(folder, runs=5, more=PICTURE):
    """A spec for the points in a folder."""
    name = next(folder.glob("*.csv")).stem
    spec = write_spec(folder, runs, k=[3], init=["random"], more=more, name=name)
    named = f'source = "{name}.csv"\nname = "d{name}"'
    spec.write_text(spec.read_text("utf-8").replace('source = "points.csv"', named), "utf-8")
    return spec


def lab(*words, code=0, **environment):
    """What the command writes to a terminal that knows only ASCII."""
    told = subprocess.run(
        [sys.executable, "-c", COMMAND, *words],
        env={"PATH": "/nowhere", "KMEANS_LAB_CACHE": str(cache_folder()), **environment},
        capture_output=True,
        preexec_fn=bound_by_modes,
        check=False,
    )
    said = told.stderr.decode()
    assert told.returncode == code, said
    assert "Traceback" not in said
    return said


def bare(package, **more):
    """An environment in which little is to be found."""
    missing = {"MPLBACKEND": "TkAgg", "IMAGEIO_FFMPEG_EXE": "/nowhere", "LC_ALL": "C"}
    return {"PYTHONPATH": str(package), **missing, **more}


def test_modes_bind_the_command(package):
    """Whoever runs the tests: what follows would say nothing otherwise."""
    program = f"open({str(package / 'kmeans_lab' / 'x')!r}, 'w')"
    tried = [sys.executable, "-c", program]
    told = subprocess.run(tried, preexec_fn=bound_by_modes, capture_output=True, check=False)
    assert b"PermissionError" in told.stderr


def made_bare(package, spec, *commands, options=(), **more):
    """The folder of a study that is made on a bare machine, which leaves the package alone."""
    before = {path: path.stat().st_mtime_ns for path in package.rglob("*")}
    words = "run", spec, "--results", spec.parent, "--jobs", "2", *options
    lab(*words, **bare(package, **more))
    study = spec.parent / next(spec.parent.glob("*.csv")).stem
    for command in commands:
        lab(command, study, **bare(package, **more))
    assert {path: path.stat().st_mtime_ns for path in package.rglob("*")} == before
    return study


def test_a_bare_machine_makes_the_same_study(package, rng, tmp_path):
    spec = asked(place(tmp_path, rng))
    study = made_bare(package, spec, options=["--no-report"])
    assert digests(study) == digests(kl.run(spec, results=tmp_path / "usual").folder)


@pytest.mark.torture
@pytest.mark.parametrize(
    ("name", "more"), [(NAME, {}), ("plain", {"HOME": "/dev/null"} | ASCII_ONLY)]
)
def test_a_bare_machine_draws_films(package, rng, tmp_path, name, more, tally):
    spec = asked(place(tmp_path, rng, name), more=FILMS)
    study = made_bare(package, spec, "verify", "status", "report", "render", **more)
    assert digests(study) == digests(kl.run(spec, results=tmp_path / "usual").folder)
    kinds = {path.suffix for path in (study / "renders").rglob("*.*")}
    assert (study / "report.html").is_file()
    assert kinds == {".html", ".gif", ".png"}
    tally("studies with films, made on a bare machine", 1)


def test_a_name_that_the_machine_cannot_write_is_one_line(package, rng, tmp_path):
    spec = asked(place(tmp_path, rng))
    said = lab("run", spec, "--results", tmp_path, code=2, **bare(package, **ASCII_ONLY))
    assert len(said.splitlines()) == 1


def test_without_ffmpeg_a_video_is_one_line_and_the_study_whole(package, rng, tmp_path):
    spec = asked(place(tmp_path, rng), more='[render]\npick = ["best"]\nformat = ["mp4"]\n')
    said = lab("run", spec, "--results", tmp_path, code=1, **bare(package))
    assert said.splitlines()[-1].startswith("kmeans-lab: the MP4 encoder failed: ")
    assert len(kl.open(tmp_path / NAME).runs) == 5
    assert not kl.open(tmp_path / NAME).store.verify()


def test_a_clock_that_jumps_changes_nothing(rng, tmp_path):
    folder = place(tmp_path, rng)
    (folder / "sitecustomize.py").write_text(CLOCK)
    jumping = {"PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    for runs, backend in ((3, "loky"), (5, "threading")):
        spec = asked(folder, runs)
        lab(
            "run",
            spec,
            "--results",
            folder,
            "--jobs",
            "2",
            "--backend",
            backend,
            "--no-report",
            **jumping,
        )
        for number, path in enumerate(sorted(folder.rglob("*"))):
            os.utime(path, (4e9 * (number % 2),) * 2)  # of 1970, or of 2096
    lab("verify", folder / NAME, **jumping)
    study = kl.open(folder / NAME)
    assert (study.runs["seconds"] >= 0).all()
    assert digests(study.folder) == digests(kl.run(spec, results=tmp_path / "usual").folder)
