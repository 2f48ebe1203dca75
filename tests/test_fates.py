"""The forest of ways: merging and sealing, hand-made and from the definition, start by start."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

import kmeans_lab as kl
from kmeans_lab.fates import fates


def forest(ways, k=2):
    """Fates of starts given as lists of labels after each step."""
    runs = np.repeat(np.arange(len(ways)), [len(way) for way in ways])
    iteration = np.concatenate([np.arange(1, len(way) + 1) for way in ways])
    return fates(runs, iteration, np.concatenate([np.array(way) for way in ways]), k)


A, B, C = [0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1], [0, 1, 1, 1, 1, 1]
END = [0, 0, 0, 0, 0, 1]  # another optimum


def test_starts_merge_where_one_comes_to_a_partition_of_the_other():
    found = forest([[C, B, A, A], [B, A, A], [END, END]])
    assert found.merged.tolist() == [2, 1, 0]
    assert found.partitions == 4
    assert found.optima == 2
    assert found.steps.tolist() == [4, 3, 2]


def test_names_of_clusters_make_no_other_partition():
    swapped = [1 - label for label in A]
    assert forest([[A, A], [swapped, swapped]]).merged.tolist() == [1, 1]


def test_a_fate_is_sealed_once_its_end_stays_the_nearest_optimum():
    near_end = [0, 0, 0, 0, 1, 1]  # as near to A as to END or nearer to one; then over to A
    found = forest([[END, near_end, A, A], [END, END]])
    own, other = adjusted_rand_score(near_end, A), adjusted_rand_score(near_end, END)
    assert found.sealed.tolist() == [2 if own > other else 3, 1]


def test_a_single_optimum_seals_every_start_at_its_first_step():
    assert forest([[C, B, A, A], [B, A, A]]).sealed.tolist() == [1, 1]


def test_of_no_start_nothing_is_said():
    none = np.empty(0, np.int64)
    assert fates(none, none, np.empty((0, 4), np.int64), 2).runs.size == 0


def plainly(ways):
    """The definition, one start and one step at a time."""
    names = [[tuple(relabeled(labels)) for labels in way] for way in ways]
    ends = {name[-1]: np.array(name[-1]) for name in names}
    merged, sealed = [], []
    for i, (name, way) in enumerate(zip(names, ways, strict=True)):
        others = {each for j, other in enumerate(names) for each in other if j != i}
        merged.append(next((s for s, each in enumerate(name, 1) if each in others), 0))
        seals = 1
        for s, labels in enumerate(way, 1):
            scores = {end: adjusted_rand_score(labels, there) for end, there in ends.items()}
            best = max(scores.values())
            nearest = next(end for end, score in scores.items() if score >= best - 1e-12)
            if nearest != name[-1]:
                seals = s + 1
        sealed.append(seals)
    return merged, sealed


def relabeled(labels):
    """Clusters named by first appearance."""
    names = {label: name for name, label in enumerate(dict.fromkeys(labels.tolist()))}
    return np.array([names[label] for label in labels.tolist()])


@pytest.mark.parametrize("seed", range(3))
def test_fates_of_real_starts_are_those_of_the_definition(tmp_path, iris2, seed):
    np.save(tmp_path / "points.npy", iris2[seed::5])
    spec = kl.Spec(
        name="a",
        base=tmp_path,
        runs=25,
        seed=100 * seed,
        data=[{"source": "points.npy"}],
        grid={"k": [3], "init": ["random"]},
    )
    study = kl.run(spec, results=tmp_path)
    ways = [
        np.array([frame["labels"] for frame in study.trace(run=run) if frame["phase"] == "assign"])
        for run in study.runs["run"]
    ]
    found = study.fates(study.cells[0])
    merged, sealed = plainly(ways)
    assert found.merged.tolist() == merged
    assert found.sealed.tolist() == sealed
