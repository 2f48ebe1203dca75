"""Cells, ids, seeds and blocks: pure data, and nothing that exists is ever renumbered."""

import pickle

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kmeans_lab.spec.plan import blocks, cells, ids, ids_in, missing
from kmeans_lab.spec.spec import Spec

NOTHING = np.empty(0, np.int64)


def spec_of(runs=10, k=(2, 3), init=("random", "k-means++"), data=("iris", "wine"), seed=0):
    return Spec(
        name="s",
        runs=runs,
        seed=seed,
        data=[{"source": name} for name in data],
        grid={"k": [*k], "init": [*init]},
    )


specs = st.builds(
    spec_of,
    runs=st.integers(1, 60),
    k=st.sets(st.integers(1, 9), min_size=1, max_size=3),
    init=st.sampled_from([("random",), ("random", "maximin"), ("k-means++", "random")]),
    data=st.sampled_from([("iris",), ("iris", "wine")]),
    seed=st.integers(0, 5),
)


def test_cells_come_in_the_order_data_k_init():
    labels = [cell.label for cell in cells(spec_of())]
    assert labels[:4] == ["iris/2/random", "iris/2/k-means++", "iris/3/random", "iris/3/k-means++"]
    assert labels[4:] == [label.replace("iris", "wine") for label in labels[:4]]


def test_run_is_the_place_of_the_seed_times_the_cells_plus_the_place_of_the_cell():
    spec = spec_of(runs=3)
    assert ids(spec, cells(spec)[5]).tolist() == [5, 13, 21]


@given(specs)
def test_every_start_has_one_id_and_ids_have_no_gap(spec):
    every = np.concatenate([ids(spec, cell) for cell in cells(spec)])
    assert np.array_equal(np.sort(every), np.arange(len(cells(spec)) * spec.runs))


@given(specs, st.integers(1, 30))
def test_more_runs_renumber_nothing(spec, more):
    larger = spec_of(
        spec.runs + more, spec.grid.k, spec.grid.init, [d.label for d in spec.data], spec.seed
    )
    for few, many in zip(cells(spec), cells(larger), strict=True):
        assert np.array_equal(ids(larger, many)[: spec.runs], ids(spec, few))


@given(specs, st.integers(1, 20), st.randoms(use_true_random=False))
def test_blocks_hold_each_missing_start_once_with_its_seed(spec, size, random):
    total = len(cells(spec)) * spec.runs
    done = np.array(random.sample(range(total), total // 3), np.int64)
    made = [
        block
        for cell, lacking in missing(spec, done).items()
        for block in blocks(spec, cell, lacking, size)
    ]
    runs = np.concatenate([NOTHING, *(block.runs for block in made)])
    assert np.array_equal(np.sort(runs), np.setdiff1d(np.arange(total), done))
    assert len({block.name for block in made}) == len(made)
    for block in made:
        assert 0 < len(block.runs) <= size
        assert np.array_equal(block.seeds, spec.seed + block.runs // len(cells(spec)))
        assert set(block.runs % len(cells(spec))) == {block.cell.index}
        assert (
            set(block.runs) <= set(ids_in(spec, block.name)) == set(ids_in(spec, block.name + "-2"))
        )


def test_nothing_is_missing_of_what_is_done_and_only_what_is_asked_for_is():
    spec = spec_of(runs=4, k=(2,), data=("iris",))
    assert not missing(spec, np.arange(8))
    asked = missing(spec, np.array([0, 1]), only=np.array([0, 2, 3]))
    assert {cell.init: runs.tolist() for cell, runs in asked.items()} == {
        "random": [2],
        "k-means++": [3],
    }


def test_a_name_that_is_no_blocks_name_holds_no_start():
    for name in ("schema", "c0", "copy", "c0099-000000000-000000005"):
        assert ids_in(spec_of(), name).size == 0


@given(specs, st.integers(1, 9), st.randoms())
def test_a_block_reaches_a_worker_as_it_is(spec, size, random):
    cell = cells(spec)[-1]
    lacking = ids(spec, cell)
    lacking = lacking[[random.random() < 0.8 for _ in lacking]]
    for block in blocks(spec, cell, lacking, size):
        arrived = pickle.loads(pickle.dumps(block))
        assert (arrived.name, arrived.cell) == (block.name, block.cell)
        for mine, sent in ((arrived.runs, block.runs), (arrived.seeds, block.seeds)):
            assert (mine.dtype, mine.tolist()) == (sent.dtype, sent.tolist())


def test_a_block_without_gaps_is_as_small_for_any_number_of_starts():
    spec = spec_of(runs=100_000)
    (cell, *_), sizes = cells(spec), []
    for size in (10, 100_000):
        block = next(blocks(spec, cell, ids(spec, cell), size))
        sizes.append(len(pickle.dumps(block)))
    assert sizes[1] < sizes[0] + 100
