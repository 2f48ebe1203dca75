"""Titles of films: what is known is said, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest

import kmeans_lab as kl
from kmeans_lab.film.animation import Film
from kmeans_lab.film.titles import Titles, titles
from kmeans_lab.pictures.reel import from_frames
from starts import trace_of


@pytest.fixture(scope="module")
def seven(iris2):
    return trace_of(iris2, 3, 7)


def test_a_card_says_who_it_is(seven):
    assert titles(seven).card == ("iris, k = 3", "random · seed 7", "150 points, 2 features")
    told = titles(seven, pick="the worst of 9 starts", study="a <b>").card
    assert told[1:] == (
        "random · seed 7 · the worst of 9 starts",
        "study a <b> · 150 points, 2 features",
    )


def test_a_card_of_frames_without_a_name_claims_none(seven):
    unknown = replace(seven, dataset=None, init=None, seed=None)
    assert titles(unknown).card == ("k-means, k = 3", "150 points, 2 features")


@pytest.mark.parametrize(
    ("about", "verdict"),
    [
        ({}, ("Converged in 19 steps", "inertia 37.09")),
        ({"gap": 0.0}, ("Found the best known", "inertia 37.09 · optimum 2 of 5 · 19 steps")),
        (
            {"gap": 0.478},
            ("Ended 47.8\xa0% above the best known", "inertia 37.09 · optimum 2 of 5 · 19 steps"),
        ),
        ({"status": "max_iter"}, ("Cut off after 19 steps", "inertia 37.09")),
        (
            {"status": "tol", "gap": 0.5},
            ("Stopped by tol after 19 steps", "inertia 37.09 · 50.0\xa0% above the best known"),
        ),
        ({"status": "cycle", "gap": 0.0}, ("Stopped in a cycle after 19 steps", "the best known")),
        (
            {"status": "empty_cluster", "outcome_inertia": np.nan},
            ("Stopped by an empty cluster after 19 steps",),
        ),
    ],
)
def test_a_verdict_says_how_it_ended(seven, about, verdict):
    optimum = "optimum 2 of 5" if about.get("gap") is not None and "status" not in about else ""
    heading, *line = titles(replace(seven, **about), optimum=optimum).verdict
    assert heading == verdict[0]
    assert [text.endswith(verdict[1]) for text in line] == [True] * len(verdict[1:])


def test_a_gap_that_is_not_known_is_no_best(seven):
    assert np.isnan(seven.best)
    assert replace(seven, gap=0.0).best == seven.outcome_inertia
    assert replace(seven, gap=1.0).best == seven.outcome_inertia / 2


def test_titles_stand_over_the_first_and_the_last_frame(seven):
    (scene,) = Film([seven]).scenes
    shown = [scene.lines(i) for i in range(len(seven) + 2)]
    assert shown[0] == titles(seven).card
    assert shown[len(seven) - 1 :] == [titles(seven).verdict] * 3
    assert not any(shown[1 : len(seven) - 1])


def test_frames_alone_have_no_titles(iris2):
    frames = kl.run_kmeans(iris2, 3, np.random.default_rng(7), max_iter=2)
    scene = from_frames(iris2, frames, 3)
    assert not any(scene.lines(i) for i in range(len(frames)))
    assert np.isnan(scene.best)


def test_a_film_of_one_frame_is_its_verdict(seven):
    (scene,) = Film([seven], said=[Titles(("card",), ())]).scenes
    one = replace(scene, shots=scene.shots[:1])
    assert one.lines(0) == ("card",)
    assert replace(one, verdict=("end",)).lines(0) == ("end",)
