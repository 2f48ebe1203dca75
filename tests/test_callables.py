"""Initializers by name: built in, or a user's own function beside the spec."""

import json
import sys
import textwrap

import numpy as np
import pytest
from sklearn.cluster import KMeans

import kmeans_lab as kl
import naive_inits
from kmeans_lab.kernels.initializers import INITIALIZERS
from kmeans_lab.spec.callables import load_initializer


@pytest.fixture
def module(tmp_path):
    """Writes a module beside the spec."""

    def module(source, name="own"):
        path = tmp_path.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source))
        return tmp_path

    return module


def first_centers(initializer, X, k, seed):
    """First centers of one start, or why it has none."""
    firsts, (note,), _ = initializer(X, k, np.array([seed]))
    return note if note else firsts[0]


def test_nothing_is_written_beside_the_spec(monkeypatch, iris2, module):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    module("from other import points\n")
    folder = module(POINTS, "other")
    first_centers(load_initializer("own:points", folder), iris2, 3, 0)
    assert {path.name for path in folder.iterdir()} == {"own.py", "other.py"}
    assert not sys.dont_write_bytecode


POINTS = "def points(X, n_clusters, random_state):\n    return X[:n_clusters]\n"


@pytest.mark.parametrize("name", INITIALIZERS)
def test_a_built_in_one_draws_from_default_rng_of_its_seed(iris2, tmp_path, name):
    given = first_centers(load_initializer(name, tmp_path), iris2, 3, 7)
    twin = getattr(naive_inits, INITIALIZERS[name].function.__name__)
    wanted, _ = twin(iris2, 3, np.random.default_rng(7))
    np.testing.assert_array_equal(given, wanted)


def test_a_built_in_one_that_cannot_serve_says_so_for_every_start(iris2, tmp_path):
    X = np.ascontiguousarray(iris2[:, :1])
    firsts, notes, distances = load_initializer("pca-part", tmp_path)(X, 3, np.array([7, 8]))
    assert (firsts.shape, distances) == ((0, 3, 1), None)
    note = "pca-part needs two features or more, here 1; var-part serves one"
    assert notes == [note, note]
    assert load_initializer("pca-part", tmp_path)(iris2, 3, np.array([7])).notes == [""]


def test_random_is_the_promised_line(iris2, tmp_path):
    first = first_centers(load_initializer("random", tmp_path), iris2, 3, 128)
    chosen = iris2[np.random.default_rng(128).choice(len(iris2), size=3, replace=False)]
    assert first.tobytes() == chosen.tobytes()


def test_a_user_s_own_gets_randomstate_and_a_read_only_copy(iris2, module):
    base = module(
        """
        import numpy as np

        def own(X, n_clusters, random_state):
            assert type(random_state) is np.random.RandomState
            assert X.flags.c_contiguous and not X.flags.writeable
            return X[random_state.permutation(len(X))[:n_clusters]]
        """
    )
    given = first_centers(load_initializer("own:own", base), iris2, 3, 7)
    chosen = np.random.RandomState(7).permutation(len(iris2))[:3]
    np.testing.assert_array_equal(given, iris2[chosen])


def test_scikit_learn_would_call_it_the_same_way(iris2, module):
    base = module(
        """
        def own(X, n_clusters, random_state):
            return X[random_state.randint(len(X), size=n_clusters)]
        """
    )
    ours = load_initializer("own:own", base)
    calls = []

    def theirs(X, n_clusters, random_state):
        state = random_state.get_state()
        calls.append((type(random_state), state[1].tolist(), state[2]))
        return first_centers(ours, np.asarray(X), n_clusters, 7)

    KMeans(3, init=theirs, n_init=1, max_iter=1, random_state=np.random.RandomState(7)).fit(iris2)
    assert calls[0][0] is np.random.RandomState


def test_a_change_of_its_copy_is_refused_and_told(iris2, module):
    base = module(
        "def own(X, n_clusters, random_state):\n    X[0] = 0\n    return X[:n_clusters]\n"
    )
    before = iris2.copy()
    note = first_centers(load_initializer("own:own", base), iris2, 3, 7)
    assert note.startswith("ValueError: ")
    assert "read-only" in note
    np.testing.assert_array_equal(iris2, before)


@pytest.mark.parametrize(
    ("value", "note"),
    [
        ("X[:2]", "init gave an array of shape (2, 2); wanted (3, 2)"),
        ("X[:3] * float('nan')", "init gave centers that are not finite"),
        ("None", "wanted (3, 2)"),
        ("'abc'", "ValueError: could not convert string"),
        ("X[:3] + 0j", "TypeError: init gave complex centers; wanted real ones"),
        ("(X[:3] + 1j).tolist()", "TypeError: init gave complex centers; wanted real ones"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("X[:3] - 1e151", "init gave 1e+151 in a center; allowed: up to 1e+145"),
    ],
)
def test_what_is_no_set_of_centers_is_a_note(iris2, module, value, note):
    base = module(f"def own(X, n_clusters, random_state):\n    return {value}\n")
    firsts, notes, distances = load_initializer("own:own", base)(iris2, 3, np.array([7, 8]))
    assert firsts.shape == (0, 3, 2)
    assert distances is None
    assert len(notes) == 2
    assert note in notes[0]


def test_starts_before_and_after_one_that_fails_have_their_centers(iris2, module):
    base = module(
        """
        def own(X, n_clusters, random_state):
            first = random_state.randint(100)
            return X[first : first + n_clusters] if first != 47 else 1 / 0
        """
    )
    drawn = [np.random.RandomState(seed).randint(100) for seed in range(200)]
    assert 47 in drawn
    firsts, notes, _ = load_initializer("own:own", base)(iris2, 3, np.arange(200))
    failed = "ZeroDivisionError: division by zero"
    assert notes == [failed if first == 47 else "" for first in drawn]
    expected = [iris2[first : first + 3] for first in drawn if first != 47]
    np.testing.assert_array_equal(firsts, expected)


def test_the_module_beside_the_spec_comes_before_an_installed_one(iris2, module):
    base = module("def loads(X, n_clusters, random_state):\n    return X[:n_clusters]\n", "json")
    given = first_centers(load_initializer("json:loads", base), iris2, 3, 7)
    np.testing.assert_array_equal(given, iris2[:3])
    assert json.loads("1") == 1


def test_an_installed_one_is_found_too(iris2, tmp_path):
    note = first_centers(load_initializer("numpy.random:permutation", tmp_path), iris2, 3, 7)
    assert note.startswith("TypeError: ")  # it takes other arguments: found it was


def test_folders_of_modules_and_their_siblings_are_found(iris2, module):
    base = module("def centers(X, k):\n    return X[-k:]\n", "helper")
    module(
        """
        from helper import centers

        def own(X, n_clusters, random_state):
            return centers(X, n_clusters)
        """,
        "deep.own",
    )
    path = list(sys.path)
    given = first_centers(load_initializer("deep.own:own", base), iris2, 3, 7)
    np.testing.assert_array_equal(given, iris2[-3:])
    assert sys.path == path
    sys.modules.pop("helper")


@pytest.mark.parametrize("packaged", [True, False])
def test_a_package_may_import_from_itself(iris2, module, packaged):
    if packaged:
        module("COUNT = 1\n", "pack.__init__")
        module("", "pack.sub.__init__")
    base = module("def centers(X, k):\n    return X[-k:]\n", "pack.helper")
    module(
        """
        from ..helper import centers

        def own(X, n_clusters, random_state):
            return centers(X, n_clusters)
        """,
        "pack.sub.own",
    )
    given = first_centers(load_initializer("pack.sub.own:own", base), iris2, 3, 7)
    np.testing.assert_array_equal(given, iris2[-3:])


def test_a_package_itself_may_hold_the_function(iris2, module):
    base = module(
        "def own(X, n_clusters, random_state):\n    return X[:n_clusters]\n", "pack.inner"
    )
    module("from .inner import own\n", "pack.__init__")
    given = first_centers(load_initializer("pack:own", base), iris2, 3, 7)
    np.testing.assert_array_equal(given, iris2[:3])


def test_two_specs_may_have_modules_of_one_name(iris2, module, tmp_path):
    one = module(POINTS)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "own.py").write_text(POINTS.replace("[:n_", "[-n_").replace("]", ":]"))
    a, b = (load_initializer("own:points", base) for base in (one, tmp_path / "other"))
    np.testing.assert_array_equal(first_centers(a, iris2, 3, 7), iris2[:3])
    np.testing.assert_array_equal(first_centers(b, iris2, 3, 7), iris2[-3:])


@pytest.mark.parametrize(
    ("source", "init", "parts"),
    [
        (POINTS, "missing:points", ["module 'missing' cannot be loaded", "ModuleNotFoundError"]),
        (POINTS, "own:pints", ["has no function 'pints'", "it has: points"]),
        ("x = 3\n", "own:x", ["has no function 'x'", "it has: none"]),
        ("def f(:\n", "own:f", ["SyntaxError"]),
        ("1 / 0\n", "own:f", ["ZeroDivisionError: division by zero"]),
        ("import sys; sys.exit(3)\n", "own:f", ["SystemExit: 3"]),
        ("raise ValueError('a\\nb')\n", "own:f", ["ValueError: a"]),
        ("raise ValueError\n", "own:f", ["ValueError"]),
    ],
)
def test_what_cannot_be_loaded_is_told_in_one_line(module, source, init, parts):
    base = module(source)
    with pytest.raises(kl.SpecError) as caught:
        load_initializer(init, base)
    line = str(caught.value)
    assert "\n" not in line
    assert init in line
    assert [part for part in parts if part not in line] == []
