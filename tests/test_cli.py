"""Commands as they are typed: exit codes, answers on stdout, messages on stderr."""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import kmeans_lab as kl
from kmeans_lab import commands
from kmeans_lab.arguments import COMMANDS
from kmeans_lab.cli import OPTIONS, main
from kmeans_lab.data.datasets import DATASETS
from kmeans_lab.kernels import _jit
from kmeans_lab.kernels.initializers import INITIALIZERS
from kmeans_lab.runner import forecast, progress
from kmeans_lab.runner.forecast import predict
from kmeans_lab.runner.progress import Silent
from kmeans_lab.spec.functions import _function
from kmeans_lab.store.store import Store
from studies import bits, block_of, files_in, write_points, write_spec

PNG = '[render]\npick = ["best", "worst"]\nformat = ["png"]\n'
CELLS = ("points/3/random", "points/3/k-means++", "points/6/random", "points/6/k-means++")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, rng):
    """A working directory with a spec of four cells and its data."""
    monkeypatch.chdir(tmp_path)
    write_points(tmp_path, rng)
    write_spec(tmp_path, runs=6, more=PNG)
    return tmp_path


@pytest.fixture
def lab(capsys):
    """Runs a command; gives its exit code, the lines of its answer and those of its messages."""

    def lab(*argv):
        code = main(argv)
        told = capsys.readouterr()
        return code, told.out.splitlines(), told.err.splitlines()

    return lab


def table(lines):
    """A printed table's rows, by the first word of each."""
    rows = [line.split() for line in lines]
    return {row[0]: row[1:] for row in rows}


def test_a_run_makes_report_and_renders_and_names_them(lab):
    write_spec(".", runs=6, k=[3], more=PNG)
    code, out, err = lab("run", "spec.toml")
    assert code == 0
    kinds, paths = zip(*(line.split() for line in out), strict=True)
    assert kinds == (*["animation"] * 6, "report")
    assert paths[-1] == "results/small/report.html"
    assert all(Path(path).stat().st_size for path in paths)
    renders = [Path(path).relative_to("results/small/renders").as_posix() for path in paths[:-1]]
    assert renders == [
        f"points-k3-{init}/{name}.png"
        for init in ("random", "k-means++")
        for name in ("best", "worst", "side-by-side")
    ]
    assert any(line.startswith("12 of 12 starts") for line in err)
    assert Store("results/small").verify() == []


def test_options_may_stand_before_picks(lab):
    write_spec(".", runs=6, k=[3], more=PNG)
    assert lab("run", "spec.toml", "--no-report")[0] == 0
    code, out, _ = lab(
        "render", "--format", "png", "results/small", "--cell", "points/3/random", "worst"
    )
    assert (code, out) == (0, ["animation  results/small/renders/points-k3-random/worst.png"])


def test_a_finished_study_is_not_run_again(lab):
    assert lab("run", "spec.toml", "--no-report")[:2] == (0, ["study      results/small"])
    before = files_in("results")
    code, out, err = lab("run", "spec.toml", "--no-report")
    assert (code, out) == (0, ["study      results/small"])
    assert err == ["nothing to run: the 24 starts asked for are there"]
    assert files_in("results") == before
    assert not Path("results/small/report.html").exists()
    assert not Path("results/small/renders").exists()


def test_options_of_a_run(lab):
    argv = ["run", "spec.toml", "--no-report", "--results", "there", "--jobs", "1"]
    assert lab(*argv, "--backend", "threading", "--runs", "2")[0] == 0
    assert len(kl.open("there/small").runs) == 8
    assert lab(*argv, "--runs", "9")[0] == 0
    assert lab(*argv, "--runs", "3")[0] == 0
    assert len(kl.open("there/small").runs) == 36
    assert lab(*argv, "--fresh")[0] == 0
    assert len(kl.open("there/small").runs) == 24
    assert len(kl.open("there/small.old-1").runs) == 36
    assert not Path("results").exists()


def test_a_run_is_what_python_runs(lab):
    assert lab("run", "spec.toml", "--no-report")[0] == 0
    made = kl.run("spec.toml", results="python", jobs=1)
    assert bits(made.folder) == bits("results/small")
    assert not (made.folder / "report.html").exists()


def test_python_reports_where_it_is_asked_to(lab):
    write_spec(".", runs=2, k=[3], init=["random"], more=PNG)
    made = kl.run("spec.toml", report=True)
    assert (made.folder / "report.html").is_file()
    names = sorted(path.name for path in (made.folder / "renders").iterdir())
    assert names == ["best.png", "side-by-side.png", "worst.png"]


def test_status_of_studies_and_of_one(lab):
    assert lab("status") == (
        0,
        [],
        ["kmeans-lab: no study in results; to make one: kmeans-lab run SPEC"],
    )
    kl.run("spec.toml", runs=5)
    write_spec(".", runs=2, name="other", k=[3])
    kl.run("spec.toml")
    code, out, err = lab("status")
    assert (code, err) == (0, [])
    assert out[0].split() == ["study", "done", "missing", "failed"]
    assert table(out[1:]) == {
        "results/small": ["20", "0", "0"],
        "results/other": ["4", "0", "0"],
    }
    code, out, err = lab("status", "results/small")
    assert (code, err) == (0, [])
    assert table(out) == {
        "cell": ["done", "missing", "failed"],
        **{cell: ["5", "0", "0"] for cell in CELLS},
    }


def test_status_counts_what_is_missing(lab, monkeypatch):
    block_of(monkeypatch, 2)
    monkeypatch.setattr(progress, "shown", lambda: Stopped(signal.SIGINT))
    assert lab("run", "spec.toml", "--jobs", "1")[0] == 130
    rows = table(lab("status", "results/small")[1][1:])
    assert all(int(done) + int(missing) == 6 for done, missing, _ in rows.values())
    assert sum(int(missing) for _, missing, _ in rows.values()) > 0


def test_a_damaged_study_does_not_hide_the_others(lab):
    kl.run("spec.toml", runs=1)
    Path("results/broken").mkdir()
    Path("results/broken/study.json").write_text("{")
    Path("results/broken/spec.toml").write_text("")
    code, out, err = lab("status")
    assert (code, list(table(out[1:]))) == (0, ["results/small"])
    (line,) = err
    assert "results/broken/study.json" in line


OWN = """
def mine(X, n_clusters, random_state):
    if random_state.randint(2):
        raise ValueError("no\\nluck")
    return X[:n_clusters]
"""


def test_starts_that_fail_are_told_and_can_be_tried_again(lab, monkeypatch):
    Path("own.py").write_text(OWN)
    write_spec(".", runs=8, k=[3], init=["random", "own:mine"])
    code, out, err = lab("run", "spec.toml", "--results", "my results", "--no-report")
    assert (code, out) == (1, ["study      my results/small"])
    failed = kl.open("my results/small").runs.query("status == 'error'")
    assert 0 < len(failed) < 8
    line = err[-1]
    assert line.startswith(f"kmeans-lab: {len(failed)} of 16 starts in my results/small failed")
    assert "ValueError: no" in line
    assert shlex.split(line.partition("again: ")[2])[1:] == [
        *("run", "spec.toml", "--results", "my results", "--retry")
    ]
    assert table(lab("status", "my results/small")[1])["points/3/own:mine"][2] == str(len(failed))
    assert lab("run", "spec.toml", "--results", "my results", "--no-report")[0] == 1
    # Of another size: by that and the second it was written Python knows a compiled file again.
    Path("own.py").write_text(OWN.replace("randint(2)", "randint(1, 2) - 1"))
    _function.cache_clear()
    assert lab("run", "spec.toml", "--results", "my results", "--no-report", "--retry")[0] == 0
    again = kl.open("my results/small").runs
    assert len(again) == 16
    assert (again["status"] != "error").all()


def test_report_and_render(lab):
    write_spec(".", runs=4, k=[3], init=["random"], more="[render]\npick = []\n")
    kl.run("spec.toml")
    code, out, _ = lab("report", "results/small")
    assert (code, out) == (0, ["report     results/small/report.html"])
    assert Path("results/small/summary.json").is_file()
    argv = ["worst", "run=2", "--cell", "points/3/random", "--format", "png,png,html"]
    code, out, err = lab("render", "results/small", *argv)
    folder = "results/small/renders"
    assert (code, err) == (0, [])
    assert out == [
        f"animation  {folder}/{name}.{kind}"
        for name in ("worst", "run=2", "side-by-side")
        for kind in ("png", "html")
    ]


def test_a_render_without_a_pick_is_the_spec_s(lab):
    kl.run("spec.toml")
    assert len(lab("render", "results/small", "--cell", CELLS[0])[1]) == 3
    write_spec(".", runs=6, more="[render]\npick = []\n")
    kl.run("spec.toml")
    code, out, err = lab("render", "results/small")
    assert (code, out) == (0, [])
    (line,) = err
    assert line.startswith("kmeans-lab: nothing to draw in results/small: no pick")


@pytest.mark.filterwarnings("default")
def test_a_pick_that_no_cell_has_is_told_and_left_out(lab):
    write_spec(".", runs=2, k=[3], more=PNG.replace("worst", "seed=7"))
    kl.run("spec.toml")
    code, out, err = lab("render", "results/small")
    assert code == 0
    assert [line.rpartition("/")[2] for line in out] == ["best.png"] * 2
    (line,) = [line for line in err if "'seed=7'" in line]
    assert line.startswith("kmeans-lab: [render] pick 'seed=7' is left out: no start")


def test_a_run_without_an_outcome_has_a_report_and_one_line(lab):
    Path("own.py").write_text(OWN.replace("randint(2)", "randint(1, 2)"))
    write_spec(".", runs=2, k=[3], init=["own:mine"])
    code, out, err = lab("run", "spec.toml")
    assert (code, out) == (1, ["report     results/small/report.html"])
    assert err[-1].startswith("kmeans-lab: 2 of 2 starts in results/small failed")
    assert len([line for line in err if "failed" in line or "left out" in line]) == 1


def test_verify_names_what_is_damaged_and_repairs_just_that(lab):
    kl.run("spec.toml")
    assert lab("verify", "results/small") == (
        *(0, [], ["kmeans-lab: every file of results/small is as it was written"]),
    )
    whole = bits("results/small")
    path = sorted(Path("results/small/runs").glob("c*.parquet"))[0]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    code, out, err = lab("verify", "results/small")
    assert (code, out) == (1, [f"{path}: damaged: other bytes"])
    assert err == ["kmeans-lab: to mend them: kmeans-lab verify results/small --repair"]
    code, out, _ = lab("verify", "results/small", "--repair")
    assert (code, out) == (0, [f"{path}: repaired, was damaged: other bytes"])
    assert lab("verify", "results/small")[0] == 0
    assert bits("results/small") == whole


def test_a_plan_runs_and_writes_nothing(lab):
    _jit.warm()  # else it would be announced
    before = files_in(".")
    code, out, err = lab("plan", "spec.toml", "--runs", "10", "--jobs", "3")
    assert (code, err) == (0, [])
    assert {name: row[:2] for name, row in table(out[1:-2]).items()} == {
        cell: ["10", "10"] for cell in CELLS
    }
    assert out[-2].startswith("total: 40 starts to run, some ")
    assert "with 3 workers" in out[-2]
    assert re.match(
        r"10⁹ such starts, as many of each cell: \d+ machine-hours, .* of disk;", out[-1]
    )
    assert "idle machines like this one with 3 workers each" in out[-1]
    assert files_in(".") == before
    kl.run("spec.toml")
    assert lab("plan", "spec.toml")[1][-2].startswith("total: 0 starts to run")
    assert lab("plan", "spec.toml", "--runs", "7")[1][-2].startswith("total: 4 starts to run")


def test_a_plan_announces_what_it_compiles_before_it_probes(lab, monkeypatch):
    def probe(*given):
        commands.say("probing")
        return predict(*given)

    monkeypatch.setattr(_jit, "warm", lambda announce: announce("compiling"))
    monkeypatch.setattr(forecast, "predict", probe)
    code, _, err = lab("plan", "spec.toml")
    assert (code, err) == (0, ["kmeans-lab: compiling", "kmeans-lab: probing"])


def test_a_message_names_a_path_as_it_is(lab):
    Path("two  spaces").mkdir()
    told = lab("run", "two  spaces/no.toml")
    assert told[0] == 2
    assert "two  spaces/no.toml" in told[2][0]


def test_an_option_that_is_wrong_is_one_sentence_and_where_help_is(lab):
    for option, value, told in (
        ("--jobs", "0", "is not a whole number of at least 1; see kmeans-lab run --help"),
        ("--backend", "lokyy", "did you mean 'loky'? see kmeans-lab run --help"),
    ):
        code, _, (line,) = lab("run", "spec.toml", option, value)
        assert code == 2
        assert line.endswith(told)


def test_new_writes_a_spec_that_runs(lab):
    code, out, err = lab("new", "points.csv")
    assert (code, out) == (0, ["points.toml"])
    assert all(line.startswith("kmeans-lab: ") for line in err)
    assert any("'group'" in line for line in err)
    assert lab("run", "points.toml", "--runs", "2", "--no-report")[0] == 0


@pytest.mark.parametrize(("command", "entries"), [("datasets", DATASETS), ("inits", INITIALIZERS)])
def test_what_is_built_in_is_listed_with_its_source(lab, command, entries):
    code, out, err = lab(command)
    assert (code, err, len(out)) == (0, [], 1 + len(entries))
    for line, (name, entry) in zip(out[1:], entries.items(), strict=True):
        assert line.startswith(f"{name} ")
        assert line.endswith(entry.source)


def test_a_reference_is_searched_for_before_the_report_and_on_demand(lab):
    write_spec(".", runs=2, k=[3], init=["random"], more="[render]\npick = []\n")
    assert lab("run", "spec.toml", "--no-report")[0] == 0
    assert not Path("results/small/reference.parquet").exists()
    _, _, err = lab("run", "spec.toml")
    assert [line for line in err if "searching for better partitions" in line]
    before = kl.open("results/small").reference
    code, out, err = lab("reference", "results/small", "--seconds", "0.05")
    assert code == 0
    assert out[0].split("  ")[0] == "data set"
    assert len(out) == 2
    assert "kmeans-lab report results/small" in err[-1]
    after = kl.open("results/small").reference
    assert after["swaps"][0] > before["swaps"][0]
    assert after["inertia"][0] <= before["inertia"][0]
    assert Store("results/small").verify() == []


@pytest.mark.parametrize("argv", [[], ["--help"], ["-h"]])
def test_help_lists_the_commands(lab, argv):
    code, out, err = lab(*argv)
    assert (code, err) == (0, [])
    assert out[0].startswith("usage: kmeans-lab ")
    for name in COMMANDS:
        assert any(line.split()[:1] == [name] for line in out)
    assert "  kmeans-lab run experiments/iris.toml" in out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(lab, name):
    code, out, err = lab(name, "--help")
    assert (code, err) == (0, [])
    assert out[0].startswith(f"usage: kmeans-lab {name} ")
    assert "example:" in out
    assert any(line.startswith(f"  kmeans-lab {name}") for line in out[out.index("example:") :])
    assert callable(getattr(commands, name))


def test_the_promised_commands_and_options():
    options = {name: {a.name for a in command.arguments} for name, command in COMMANDS.items()}
    assert list(options) == [
        *("run", "new", "plan", "status", "report", "render", "portrait"),
        *("reference", "verify"),
        *("compare", "advise"),
        *("datasets", "inits"),
    ]
    assert {
        *("--results", "--jobs", "--backend", "--runs", "--no-report", "--retry", "--fresh")
    } <= options["run"]
    assert {"--cell", "--format"} <= options["render"]
    assert {"--pick", "--center", "--cell", "--resolution", "--format"} <= options["portrait"]
    assert "--repair" in options["verify"]


def test_the_version(lab):
    assert lab("--version") == (0, [f"kmeans-lab {kl.__version__}"], [])
    assert "--version" in OPTIONS


class Stopped(Silent):
    """Sends this process a signal when the second block is stored."""

    def __init__(self, number):
        self.number, self.blocks = number, 0

    def advance(self, starts):
        self.blocks += 1
        if self.blocks == 2:
            signal.raise_signal(self.number)


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_a_run_that_is_stopped_says_how_to_go_on(lab, monkeypatch, number, code, word, backend):
    block_of(monkeypatch, 1)
    handler = signal.getsignal(signal.SIGTERM)
    argv = ["run", "spec.toml", "--results", "a b", "--jobs", "1", "--backend", backend]
    with monkeypatch.context() as patch:
        patch.setattr(progress, "shown", lambda: Stopped(number))
        ended = lab(*argv, "--fresh")
    again = shlex.join(["kmeans-lab", *argv])
    line = f"kmeans-lab: {word}; what is finished stays; to go on: {again}"
    assert ended == (code, [], [line])
    assert signal.getsignal(signal.SIGTERM) == handler
    stored = len(kl.open("a b/small").runs)
    assert 2 <= stored < 24
    assert Store("a b/small").verify() == []
    assert lab(*argv, "--no-report")[0] == 0
    assert bits("a b/small") == bits(kl.run("spec.toml", results="whole").folder)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OSError(28, "No space left on device", "x/y"), "x/y: No space left on device; what is"),
        (OSError("strange"), "strange; what is finished stays"),
        (MemoryError(), "memory is used up; what is finished stays"),
        (kl.RunError("a\nb"), "a b"),
    ],
)
def test_what_fails_at_run_time_is_one_line_and_exit_1(lab, monkeypatch, error, line):
    def fail(**options):
        raise error

    monkeypatch.setitem(COMMANDS, "inits", COMMANDS["inits"]._replace(call=fail))
    code, out, err = lab("inits")
    assert (code, out, len(err)) == (1, [], 1)
    assert err[0].startswith(f"kmeans-lab: {line}")


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
@pytest.mark.parametrize("failed", [ImportError, SystemError])
def test_a_signal_that_a_module_fails_of_is_a_signal(lab, monkeypatch, number, code, word, failed):
    """As where it comes while Matplotlib's renderer is being loaded."""

    def load(**options):
        try:
            os.kill(os.getpid(), number)
        except BaseException as error:
            raise failed("initialization failed") from error

    monkeypatch.setitem(COMMANDS, "inits", COMMANDS["inits"]._replace(call=load))
    line = f"kmeans-lab: {word}; what is finished stays; to go on: kmeans-lab inits"
    assert lab("inits") == (code, [], [line])


def test_a_module_that_fails_of_itself_is_no_signal(lab, monkeypatch):
    def load(**options):
        raise ImportError("no such library")

    monkeypatch.setitem(COMMANDS, "inits", COMMANDS["inits"]._replace(call=load))
    with pytest.raises(ImportError, match="no such library"):
        lab("inits")


def in_shell(argv, **options):
    command = [sys.executable, "-m", "kmeans_lab.cli", *argv]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, **options)


@pytest.mark.parametrize("argv", [["inits"], ["--help"], ["run", "--help"]])
def test_a_reader_who_leaves_early_sees_no_traceback(argv):
    reader, writer = os.pipe()
    os.close(reader)
    ended = in_shell(argv, stdout=writer)
    os.close(writer)
    assert ended.stderr == ""
    assert ended.returncode in (0, 1)


def test_the_installed_command_and_the_module_are_one():
    plain = in_shell(["inits"], stdout=subprocess.PIPE)
    command = Path(sys.executable).with_name("kmeans-lab")
    installed = subprocess.run([command, "inits"], capture_output=True, text=True, check=True)
    assert (plain.returncode, plain.stdout) == (0, installed.stdout)
    wrong = in_shell(["rum"], stdout=subprocess.PIPE)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == "kmeans-lab: unknown command 'rum'; did you mean 'run'?\n"


def test_a_terminal_that_is_not_utf8_shows_escapes():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ended = in_shell(["inits"], stdout=subprocess.PIPE, env=environment)
    assert ended.returncode == 0
    assert "Fr\\xe4nti" in ended.stdout
