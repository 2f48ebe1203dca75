"""What each number of a comparison is, and where it comes from."""

from ..report.definitions import DUELS, GAP, HOOS, RESTARTS, SUCCESS, WILSON, term
from ..wording import percent
from .ranking import ROPE
from .tables import DIFFERENCE, EQUIVALENT, RANK
from .verdict import FEWEST

FRIEDMAN = "Friedman p"


TERMS = (
    term(
        "starts",
        "How many different ones these studies made. A deterministic init has one, a census all "
        "there are.",
    ),
    term(
        SUCCESS,
        "Share of the starts that reach the best known inertia of the data set and k, up to "
        "rounding, and Wilson's 95\u00a0% score interval. Best known is the lowest that these "
        "studies found, by starts or a reference search, or that a spec states. A deterministic "
        "init has one start, a census all there are: no interval.",
        *WILSON,
    ),
    term(
        GAP,
        "Gap: how far a start's inertia lies above the best known one, in percent of that. Its "
        "mean over the starts that have an outcome is what a single start is expected to cost. "
        "Where inits are ranked, a start without one counts as the worst start of any init.",
    ),
    term(
        RESTARTS,
        "The fewest restarts R with 1 − (1 − p)ᴿ ≥ 0.99, p being the success of one start; its "
        "interval is that of p.",
        *HOOS,
    ),
    *DUELS,
    term(
        RANK,
        "On each data set the init of the lowest mean gap has rank 1; equals share the mean of "
        "their ranks. A data set has one vote whatever its k and starts, since more starts do not "
        "tell what other data will show.",
        "Demšar, Statistical comparisons of classifiers over multiple data sets (2006)",
        "https://www.jmlr.org/papers/v7/demsar06a.html",
    ),
    term(
        FRIEDMAN,
        "Probability of average ranks so different or more, were all inits equal: from permuting "
        "the ranks within each data set. χ² is corrected for ties, F is that of Iman and "
        "Davenport.",
        "Friedman, The use of ranks to avoid the assumption of normality (1937)",
        "https://doi.org/10.1080/01621459.1937.10503522",
    ),
    term(
        DIFFERENCE,
        "Nemenyi's: average ranks that differ by as much are different, at 5\u00a0% for all pairs "
        "together.",
        "Demšar, Statistical comparisons of classifiers over multiple data sets (2006), 3.2.2",
        "https://www.jmlr.org/papers/v7/demsar06a.html",
    ),
    term(
        EQUIVALENT,
        "Posterior probabilities of the Bayesian signed-rank test on the mean gaps of the data "
        f"sets. Practically equal: they differ by at most {percent(ROPE)} of the best known "
        "inertia, up to which the start is said to hardly matter.",
        "Benavoli, Corani, Demšar & Zaffalon, Time for a change (2017), 4.2",
        "https://www.jmlr.org/papers/v18/16-305.html",
    ),
    term(
        FEWEST,
        "So many that p ≤ 0.05 and the critical difference could be reached if all data sets put "
        "the inits in one order: p is then (m!)¹⁻ᴰ for m inits on D data sets.",
    ),
)
