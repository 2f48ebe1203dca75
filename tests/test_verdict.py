"""Wording of numbers and of the verdict."""

import math

import pytest

from kmeans_lab.report.page import Prose, Section, Share, Span, Table, escape, markdown, plain, slug
from kmeans_lab.report.verdict import Case, Reach, unseen, verdict
from kmeans_lab.statistics import Estimate
from kmeans_lab.wording import apart, interval, number, percent

NAN, INF = math.nan, math.inf
PLUS = Reach("k-means++", 1000, Estimate(0.412, 0.382, 0.443), Estimate(9, 8, 10), 0.008)
RANDOM = Reach("random", 1000, Estimate(0.331, 0.302, 0.361), Estimate(12, 11, 13), 0.019)
NEVER = Reach("maximin", 1000, Estimate(0, 0, 0.0038), Estimate(INF, 1209, INF), 0.2)
ALWAYS = Reach("k-means++", 1000, Estimate(1, 0.9962, 1), Estimate(1, 1, 1), 0.0)


def said(*cases):
    return tuple(plain(line).replace("\xa0", " ") for line in verdict(cases))


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0"), (1, "100"), (0.9999, "99.990"), (1e-4, "0.010"), (0.5, "50.0"), (2.134, "213.4")],
)
def test_percent_never_rounds_to_certainty(share, text):
    assert percent(share) == f"{text}\xa0%"


def test_numbers_without_a_value_read_as_a_dash():
    assert number(NAN) == percent(NAN) == "–"


@pytest.mark.parametrize("value", [1e-300, 3.2e-9, 0.04, 1.0, 9.9999, 99999.4, 8.9e12, 1e300])
def test_number_keeps_its_digits(value):
    text = (
        number(value).replace(" × 10", "e").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    )
    assert float(text) == pytest.approx(value, rel=1e-3)


def test_close_values_get_the_digits_that_tell_them_apart():
    assert apart([37.050702, 37.050803]) == ["37.0507", "37.0508"]


def test_interval_of_a_certain_share():
    assert interval(Estimate(1.0, 0.9962, 1.0)) == "[99.62–100]"


def test_two_inits_are_named_with_share_interval_and_restarts():
    matters, takes = said(Case("iris", 3, 37.0507, False, (RANDOM, PLUS)))
    assert matters == (
        "On iris with k = 3 the start matters: k-means++ reaches the best inertia found (37.05) in "
        "41.2 % [38.2–44.3] of 1000 starts, random in 33.1 % [30.2–36.1] of 1000 starts; "
        "a single start ends on average 0.80 % and 1.9 % above it."
    )
    assert takes == (
        "To reach it with 99 % probability takes n_init = 9 [8–10] with k-means++ and 12 [11–13] "
        "with random; it is the best of 2000 starts, and a better one may be unseen."
    )


def test_a_stated_best_is_not_called_unseen():
    matters, takes = said(Case("iris", 3, 37.0507, True, (PLUS,)))
    assert "best inertia stated as best known in the spec (37.05)" in matters
    assert "unseen" not in takes


@pytest.mark.parametrize(
    ("search", "given", "parts", "unseen"),
    [
        (
            "equal",
            False,
            ["best inertia found", "search of 10\u202f000 swaps found none better"],
            False,
        ),
        ("behind", False, ["best inertia found", "a better one may be unseen"], True),
        ("ahead", False, ["known, found by a reference search", "none of 2000 starts did"], True),
        ("proven", False, ["best inertia there is", "proven that no partition has a lower"], False),
        ("proven", True, ["stated as best known", "proven that no partition has a lower"], False),
        ("equal", True, ["stated as best known"], False),
    ],
)
def test_what_a_reference_search_found_is_weighed(search, given, parts, unseen):
    text = " ".join(said(Case("iris", 3, 37.0507, given, (RANDOM, PLUS), search, 10_000)))
    assert all(part in text for part in parts)
    assert ("unseen" in text) == unseen


def test_of_many_cases_it_is_said_where_a_better_one_may_be_unseen():
    def doubts(*searches, given=False):
        return unseen([Case("iris", 3, 1.0, given, (PLUS,), s, 9) for s in searches])

    plain = "A better inertia than the best known may be unseen"
    assert doubts("", "") == doubts("behind", "") == f"{plain}."
    assert doubts("proven", "proven") == doubts("", "", given=True) == ""
    assert doubts("equal", "proven", "ahead") == (
        f"{plain}; in 1 of 3 pairs a reference search found none better; "
        "in 1 of 3 pairs it is proven that there is none."
    )
    worse = Case("iris", 3, 1.0, False, (PLUS,), improvable=True, seldom=2)
    assert unseen([worse, worse._replace(improvable=False)]) == (
        f"{plain}; in 1 of 2 pairs there is one: moving a single point lowers it; in 2 of 2 pairs "
        "the best was seen so seldom that how likely it is stays open."
    )


def test_a_best_that_can_be_bettered_or_was_seldom_seen_is_told():
    case = Case("iris", 3, 37.05, False, (PLUS, RANDOM), improvable=True, seldom=1)
    _, takes = said(case)
    assert "seen once only, which does not tell how likely it is, and a better one exists" in takes
    assert "seen" not in said(case._replace(improvable=False, seldom=0))[1].replace("unseen", "")


def test_an_init_that_never_reaches_the_best_gets_a_lower_bound_only():
    matters, takes = said(Case("iris", 3, 37.0507, False, (PLUS, NEVER)))
    assert "maximin in 0 % [0–0.38] of 1000 starts" in matters
    assert "≥ 1209 with maximin" in takes


def test_no_difference_is_said_plainly():
    matters, takes = said(Case("iris", 1, 102.0, False, (ALWAYS,)))
    assert "the start does not matter" in matters
    assert "above it" not in matters
    assert "n_init = 1 with k-means++" in takes


def test_of_more_than_two_inits_the_highest_and_the_lowest_share_are_named():
    matters, _ = said(Case("iris", 3, 37.05, False, (RANDOM, NEVER, PLUS)))
    assert "k-means++, most often of 3 inits, reaches" in matters
    assert "maximin, least often, in 0 %" in matters
    assert "random" not in matters


def test_undefined_gaps_are_left_out():
    matters, _ = said(Case("zero", 2, 0.0, False, (PLUS._replace(gap=NAN),)))
    assert "matters much" in matters
    assert "above it" not in matters


def test_a_deterministic_init_has_no_interval():
    one = Reach("first", 1, Estimate(1, 1, 1), Estimate(1, 1, 1), 0.0, deterministic=True)
    matters, takes = said(Case("iris", 3, 37.05, False, (one, RANDOM)))
    assert "first reaches the best inertia found (37.05) in every run (it is deter" in matters
    assert "n_init = 1 with first" in takes


def test_starts_without_an_outcome_are_told_where_their_gap_is_missing():
    matters, _ = said(Case("iris", 3, 37.05, False, (RANDOM._replace(failed=2),)))
    assert "above it, 2 without an outcome left out." in matters
    assert "left out" not in said(Case("iris", 3, 37.05, False, (RANDOM,)))[0]


def test_without_outcomes_nothing_is_claimed():
    matters, takes = said(Case("iris", 3, NAN, False, ()))
    assert "No start has an outcome" in matters
    assert not any(sign in matters + takes for sign in "0123456789")


def test_many_cases_get_a_range_and_a_favorite():
    cases = (
        Case("iris", 2, 58.2, False, (ALWAYS, RANDOM)),
        Case("iris", 3, 37.05, False, (PLUS, NEVER)),
        Case("iris", 4, NAN, False, ()),
    )
    matters, takes = said(*cases)
    assert "Of 3 pairs" in matters
    assert "0 % [0–0.38] (iris, k = 3, maximin) to 100 % [99.62–100] (iris, k = 2, k-m" in matters
    assert "1 (iris, k = 2, k-means++) to ≥ 1209 (iris, k = 3, maximin)" in takes
    assert takes.endswith("; k-means++ needs the fewest in 2 of 3.")


def test_nobody_is_the_favorite_where_all_are_equal_alone_or_never_there():
    def favorite(*cells, often=1):
        return said(*[Case("a", k, 1.0, False, cells) for k in range(2, 3 + often)])[1]

    assert favorite(PLUS, PLUS._replace(init="b")).endswith(
        "; k-means++ and b each needs the fewest in 2 of 2."
    )
    assert "fewest" not in favorite(PLUS)
    assert "fewest" not in favorite(NEVER, NEVER._replace(init="b"))


HOSTILE = ["<script>alert(1)</script>", "a|b", "`x`", "$x$", "[a](b)", "*b*", "花", "a_b_c"]


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_shows_names_as_they_are(name):
    text = markdown(name, (Section("s", name, (Table(name, ("a", name), ((name, name),)),)),))
    assert "<script" not in text
    row = text.splitlines()[-1]
    assert row.replace("\\|", "").count("|") == 3
    assert escape(name) in row


def test_markdown_has_every_span_and_a_share_is_its_text():
    line = ("see ", Span("here", "link", "https://doi.org/x"), Span("a`b", "code"), Span("!"))
    line += (" and ", Span("there", "link", "#term-there"))
    table = Table("t", ("c",), ((Share("41 %", 0.3, 0.41, 0.5),),))
    text = markdown("r", (Section("s", "t", (Prose(line), table)),))
    assert "see [here](https://doi.org/x)`` a`b ``**!** and **there**" in text
    assert "| 41 % |" in text


def test_file_names_are_plain():
    assert slug("../a b", "<x>", "花", 3) == "a-b-x-花-3"


def test_bars_stay_on_their_rail():
    assert Share("", -0.1, 1.2, 2.0).bar == ("100.00", "0.00", "100.00")
