"""The cache of compiled kernels: what is wrong with it costs time, never a result or the run.

Most of it is tried in new processes, on a copy of the machinery with one small kernel.
"""

import os
import pickle
import resource
import shutil
from hashlib import sha256
from pathlib import Path

import joblib
import numpy as np
import pytest

import kmeans_lab as kl
from caches import COMPILING, HELPER, PROGRAM, clone, finish, start
from kmeans_lab.kernels import _cache
from kmeans_lab.kernels._jit import warm
from kmeans_lab.kernels.distance import BLOCK, assign


@pytest.fixture(scope="module")
def warmed(tmp_path_factory):
    """A clone and its cache folder, filled by two processes that met it cold at the same time."""
    folder = clone(tmp_path_factory.mktemp("clone"))
    cache = folder / "cache"
    said = [finish(process) for process in [start(folder, cache), start(folder, cache)]]
    assert sorted(said) == ["", COMPILING]
    return folder, cache


@pytest.fixture
def copied(warmed, tmp_path):
    """The warm cache for a test to spoil: the clone, a cache folder, the file in it."""
    cache = tmp_path / "cache"
    shutil.copytree(warmed[1], cache)
    (file,) = cache.iterdir()
    return warmed[0], cache, file


def test_two_cold_processes_compile_once_and_leave_one_whole_file(warmed):
    (file,) = warmed[1].iterdir()
    checksum, _, content = file.read_bytes().partition(b"\n")
    assert sha256(content).hexdigest().encode() == checksum
    assert file.stat().st_mode & 0o777 == 0o600


def test_another_clone_of_the_same_sources_compiles_nothing(copied, tmp_path):
    _, cache, file = copied
    before = file.read_bytes()
    assert finish(start(clone(tmp_path / "elsewhere"), cache)) == ""
    assert file.read_bytes() == before


def test_an_edit_in_another_file_is_seen(copied, tmp_path):
    edited = clone(tmp_path / "edited", HELPER.replace("2.0", "3.0"))
    assert finish(start(edited, copied[1]), "18.0\n") == COMPILING


@pytest.mark.parametrize("damage", ["half", "empty", "bit"])
def test_a_damaged_file_is_built_again(copied, damage):
    folder, cache, file = copied
    whole = file.read_bytes()
    middle = len(whole) // 2
    file.write_bytes(
        {
            "half": whole[:middle],
            "empty": b"",
            "bit": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        }[damage]
    )
    assert finish(start(folder, cache)) == COMPILING
    with file.open("rb", buffering=0) as healed:
        assert _cache._read(healed).keys() == {"small.kernels.total.total"}


def test_code_that_cannot_be_loaded_is_compiled(copied):
    folder, cache, file = copied
    content = pickle.dumps({"small.kernels.total.total": pickle.dumps("of another make")})
    file.write_bytes(sha256(content).hexdigest().encode() + b"\n" + content)
    finish(start(folder, cache))


CALLER = """
from numba import types
from ._jit import apart, kernel, readonly
from .total import total

sum_of = apart(total)

@kernel(types.float64(readonly(types.float64, 1)))
def twice(values):
    return 2.0 * sum_of(values)
"""
CALLING = """
import numba, numpy as np, os
if os.environ.get("OTHERS"):  # so that what is compiled anew has another symbol
    for number in range(5):
        numba.njit(lambda x: x + number)(1)
from small.kernels._jit import warm
from small.kernels.caller import twice
warm(lambda line: None)
print(twice(np.arange(4.0)))
"""


def test_a_kernel_whose_callee_was_compiled_anew_is_too(tmp_path):
    folder, cache = clone(tmp_path), tmp_path / "cache"
    (folder / "small" / "kernels" / "caller.py").write_text(CALLER)
    finish(start(folder, cache, CALLING), "24.0\n")
    (file,) = cache.iterdir()
    with file.open("rb", buffering=0) as opened:
        entries = _cache._read(opened)
    del entries["small.kernels.total.total"]
    content = pickle.dumps(entries)
    file.write_bytes(sha256(content).hexdigest().encode() + b"\n" + content)
    finish(start(folder, cache, CALLING, env={"OTHERS": "1"}), "24.0\n")
    finish(start(folder, cache, CALLING), "24.0\n")


FAILING = """
import numpy as np
from numba import types
from small.kernels._jit import apart, bare, kernel, warm

@kernel(types.float64(types.float64))
def root(x):
    if x < 0:
        raise ValueError("negative")
    return x ** 0.5

root_of = apart(root)

@kernel(types.float64(types.float64), bare)
def fourth_root(x):
    return root_of(root_of(x))

def call():
    warm(lambda line: None)
    print(fourth_root(16.0))
    try:
        print(fourth_root(-1.0))
    except ValueError as error:
        print(error)
"""


def test_what_a_kernel_raises_in_another_is_raised_by_both(tmp_path):
    folder = clone(tmp_path)
    (folder / "failing.py").write_text(FAILING)
    finish(start(folder, tmp_path / "cache", "import failing; failing.call()"), "2.0\nnegative\n")


class Trap:
    """A pickle that leaves a mark when it is read."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("spoiled", ["folder", "file"])
def test_what_others_could_have_written_is_never_read(copied, tmp_path, spoiled):
    folder, cache, file = copied
    content = pickle.dumps(Trap(tmp_path / "mark"))
    file.write_bytes(sha256(content).hexdigest().encode() + b"\n" + content)
    path = {"folder": cache, "file": file}[spoiled]
    path.chmod(0o777)
    said = finish(start(folder, cache)).splitlines(keepends=True)
    assert said[0] == (
        f"compiled kernels cannot be kept: {path} is writable by other users; "
        "KMEANS_LAB_CACHE may name another folder\n"
    )
    assert said[1:] == [COMPILING]
    assert not (tmp_path / "mark").exists()


def test_what_belongs_to_another_user_is_refused(tmp_path):
    status = list(tmp_path.stat())
    status[4] += 1  # st_uid
    with pytest.raises(PermissionError, match="belongs to another user"):
        _cache._trust(os.stat_result(status), tmp_path)


def test_without_a_home_the_package_is_left_alone_and_workers_share_a_private_folder(tmp_path):
    folder = clone(tmp_path / "clone")
    before = sorted(folder.rglob("*"))
    for package in (folder / "small", folder / "small" / "kernels"):
        package.chmod(0o555)  # which does not hold root back
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = {"HOME": str(folder / "small" / "__init__.py"), "TMPDIR": str(temporary)}
    program = PROGRAM + f"import subprocess\nsubprocess.run([sys.executable, '-c', {PROGRAM!r}])\n"
    said = finish(start(folder, None, program, env=environment), "12.0\n12.0\n")
    assert said.startswith("compiled kernels cannot be kept: [Errno 20] Not a directory")
    assert said.splitlines(keepends=True)[1:] == [COMPILING]
    assert sorted(folder.rglob("*")) == before
    assert not list(temporary.iterdir())


def test_where_nothing_can_be_written_kernels_compile_all_the_same(tmp_path):
    environment = {"TMPDIR": "/dev/null", "HOME": "/dev/null"}
    program = "import tempfile\ntempfile.tempdir = '/dev/null'\n" + PROGRAM
    said = finish(start(clone(tmp_path), "/dev/null/cache", program, env=environment))
    assert "cannot be kept" in said


def test_a_full_disk_costs_the_cache_not_the_run(tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    folder = clone(tmp_path)
    said = finish(start(folder, folder / "cache", preexec_fn=limit))
    assert f"compiled kernels could not be kept in {folder / 'cache'}" in said
    (file,) = (folder / "cache").iterdir()
    assert file.stat().st_size == 0


def test_sources_edited_after_import_are_not_cached(copied, tmp_path):
    edited = clone(tmp_path / "edited")
    edit = "import pathlib\npathlib.Path('small/kernels/helper.py').write_text('# later')\n"
    program = PROGRAM.replace("def compute", edit + "def compute")
    assert finish(start(edited, copied[1], program)) == COMPILING
    assert len(list(copied[1].iterdir())) == 1


def test_old_states_make_room(tmp_path):
    folder = clone(tmp_path)
    (folder / "cache").mkdir(mode=0o700)
    old = [folder / "cache" / f"{i}.kernels" for i in range(_cache.KEPT + 3)]
    for age, path in enumerate(old):
        path.touch()
        os.utime(path, (age, age))
    finish(start(folder, folder / "cache"))
    assert [path.exists() for path in old] == [False] * 4 + [True] * (_cache.KEPT - 1)


def test_kernels_that_may_not_be_compiled_are_refused_in_one_line(tmp_path):
    program = "from kmeans_lab.cli import main; raise SystemExit(main(['inits']))"
    environment = {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(Path(kl.__file__).parents[1])}
    process = start(tmp_path, None, program, env=environment)
    output, said = process.communicate()
    assert (process.returncode, output) == (1, "")
    assert said == (
        "kmeans-lab: NUMBA_DISABLE_JIT is set, but the kernels run only compiled: unset it\n"
    )


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"KMEANS_LAB_CACHE": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/a"),
        ({"XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/b/kmeans_lab"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/c"}, "/c/.cache/kmeans_lab"),
        ({"HOME": "/c"}, "/c/.cache/kmeans_lab"),
    ],
)
def test_the_cache_folder(monkeypatch, variables, folder):
    for name in ("KMEANS_LAB_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert _cache.cache_folder() == Path(folder)


def assigned(XT, centers):
    labels, distances = np.empty(XT.shape[1], np.uint16), np.empty(XT.shape[1])
    assign(XT, centers, np.empty(BLOCK), np.empty(BLOCK, np.int64), labels, distances)
    return labels.tolist()


def test_kernels_take_read_only_arrays_and_memory_maps_with_one_signature(tmp_path, rng):
    warm()
    XT, centers = rng.random((2, 50)), rng.random((3, 2))
    expected = assigned(XT, centers)
    frozen = XT.copy()
    frozen.setflags(write=False)
    mapped = joblib.load(joblib.dump(XT, tmp_path / "XT")[0], mmap_mode="r")
    assert not mapped.flags.writeable
    assert assigned(frozen, centers) == assigned(mapped, centers) == expected
    assert len(assign.signatures) == 1


@pytest.mark.parametrize(
    "change", [np.asfortranarray, np.float32, lambda XT: np.repeat(XT, 2, axis=1)[:, ::2]]
)
def test_kernels_refuse_other_layouts_and_types(change, rng):
    warm()
    with pytest.raises(TypeError, match="No matching definition"):
        assigned(change(rng.random((2, 50))), rng.random((3, 2)))
    assert len(assign.signatures) == 1
