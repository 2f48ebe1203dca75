"""What each number of a report is, and where its definition comes from."""

from .definitions import BASIN, DUELS, GAP, HOOS, MATTERS, QUANTILES, SUCCESS, WILSON, term
from .page import anchor

FRANTI = (
    "Fränti, Efficiency of random swap clustering (2018)",
    "https://doi.org/10.1186/s40537-018-0122-y",
)
HARTIGAN = (
    "Hartigan & Wong, Algorithm AS 136: a k-means clustering algorithm (1979)",
    "https://doi.org/10.2307/2346830",
)
HUBERT = (
    "Hubert & Arabie, Comparing partitions (1985)",
    "https://doi.org/10.1007/BF01908075",
)

STARTS = (
    MATTERS,
    term(
        "starts",
        "How many were made. A deterministic init has one, a census all there are.",
    ),
    term(
        "inertia",
        "Sum of the squared distances of the points to their nearest centers, in squared units of "
        "the data.",
        "Lloyd, Least squares quantization in PCM (1982)",
        "https://doi.org/10.1109/TIT.1982.1056489",
    ),
    term(
        "best known",
        "The lowest inertia of a data set and k among the starts of all inits, the reference "
        "search, and what the spec states.",
    ),
    term(
        "gap",
        "(inertia − best known) / best known. Where the best known is 0: 0 for an inertia of 0, "
        "else not defined.",
    ),
    term(
        "optimum",
        "A partition that converged starts end in, numbered by rising inertia from the lowest that "
        "any init found. No step of k-means improves it.",
        "Steinley, Local optima in k-means clustering: what you don't know may hurt you (2003)",
        "https://doi.org/10.1037/1082-989X.8.3.294",
    ),
    term(
        BASIN,
        "Under the name of an init: share of its starts, those without an outcome included, that "
        "end in the optimum. Dark in the bar: Wilson's 95\u00a0% interval, where it is no census.",
        *WILSON,
    ),
    term(
        "silhouette",
        "Mean over the points of (b − a) / max(a, b): a is the mean distance to the others of its "
        "cluster, b the least mean distance to the points of another cluster; 0 for a point alone. "
        "At the best inertia: of the start of lowest inertia; highest: over the starts.",
        "Rousseeuw, Silhouettes: a graphical aid to the interpretation and validation of cluster "
        "analysis (1987)",
        "https://doi.org/10.1016/0377-0427(87)90125-7",
    ),
    term(
        "ARI",
        "Adjusted Rand index of a start's clusters and the hidden groups: 1 where they are equal, "
        "0 where they agree as by chance. At the best inertia: of the start of lowest inertia; "
        "median, highest: over the starts.",
        *HUBERT,
    ),
    term(
        "a transfer improves it",
        "Whether giving one point to another cluster, both centers moving along, lowers the "
        "inertia. Then a finer search would not stay in this optimum. Told of the lowest optima.",
        *HARTIGAN,
    ),
    term("cluster sizes", "Points of each cluster, largest first; of many only the range."),
    term("best start", "The lowest inertia of the starts of all inits."),
    term(
        "reference",
        "The lowest inertia of a search of another kind: random swap, finished by single-point "
        "transfers; with one feature, of all partitions.",
        *FRANTI,
        *HARTIGAN,
        "Wang & Song, Ckmeans.1d.dp (2011)",
        "https://doi.org/10.32614/RJ-2011-015",
    ),
    term("stated", "What the spec gives as best_known."),
    term("lowest", "Who has the lowest inertia; all who are within 10⁻⁹ of it have it."),
    term(
        "ahead by",
        "How far the next lies above the lowest, in percent of it; a dash where nobody is behind.",
    ),
    term(
        "swaps",
        "Swaps that the reference search has tried; proven: no partition is better.",
        *FRANTI,
    ),
    term("optima seen", "How many different optima the converged starts of an init end in."),
    term(
        "median steps",
        "Median of the steps that starts made, the last one, which confirms that no point moves, "
        "included.",
    ),
    term(QUANTILES, "The steps that 5\u00a0% and 95\u00a0% of the starts made at most."),
    term("most", "The most steps that a start made."),
    term(
        "how they stopped",
        "converged: a step changed no label. cycle: the labels were those of an earlier step. "
        "max_iter, tol: a limit of the spec ended the start. empty_cluster, error: it has no "
        "outcome.",
    ),
    term(
        "relocations",
        "Empty clusters that were given the point farthest from its center, in all starts "
        "together.",
    ),
)

NUMBERS = (
    *STARTS,
    term(
        SUCCESS,
        "Share of the starts that reach the best known inertia, up to rounding (10⁻⁹), those "
        "without an outcome counted as failures, with Wilson's 95\u00a0% score interval. Of a "
        "deterministic init, and of a census of all starts, it is no estimate and has no interval. "
        "Where only the starts tell what is best, and fewer than ten reach it, its low end is 0.",
        *WILSON,
    ),
    *(
        term(
            f"within {limit}",
            f"Share of the starts that end at most {limit} above the best known inertia, with "
            "Wilson's interval.",
            *WILSON,
        )
        for limit in ("0.1 %", "1 %", "5 %")
    ),
    *(
        term(
            f"n_init for {share}\u00a0%",
            f"The fewest restarts R with 1 − (1 − p)ᴿ ≥ {share}\u00a0%, p being the success of one "
            "start; its interval is that of p.",
            *HOOS,
        )
        for share in (95, 99)
    ),
    term(
        GAP,
        "Mean of the gaps of the starts that have an outcome: what a single start is expected to "
        "cost.",
    ),
    term(
        "of the best of 10",
        "Expected gap of the best of 10 starts: the mean over all choices of 10 from these "
        "starts, of a census over all draws of 10. The band of the picture is a bootstrap's, for R "
        "up to a tenth of the starts where the best was seen ten times; elsewhere the data do not "
        "reach so far.",
        "Hoeffding, A class of statistics with asymptotically normal distribution (1948)",
        "https://doi.org/10.1214/aoms/1177730196",
    ),
    term(
        "effective number",
        "As many optima of equal share would be as diverse: the exponential of the entropy of "
        "their shares (Hill number of order 1). It counts the optima seen only: where many "
        "are unseen it is a lower bound, and never more than the starts.",
        "Hill, Diversity and evenness: a unifying notation and its consequences (1973)",
        "https://doi.org/10.2307/1934352",
    ),
    term(
        "unseen share",
        "Probability that a new start ends in an optimum that none of these did: the number of "
        "optima seen once by the number of starts (Good–Turing). Assumed: independent starts of "
        "one init. Its interval holds the shares whose squared error its variance allows.",
        "Good, The population frequencies of species and the estimation of population parameters "
        "(1953)",
        "https://doi.org/10.1093/biomet/40.3-4.237",
        "its variance: Esty, A normal limit law for a nonparametric estimator of the coverage of a "
        "random sample (1983)",
        "https://doi.org/10.1214/aos/1176346256",
    ),
    term(
        "optima, at least",
        "Seen and unseen, estimated from below: w + (N − 1)/N · f₁(f₁ − 1)/(2(f₂ + 1)) for w seen "
        "in N starts, f₁ of them once and f₂ twice (Chao1, bias-corrected). The low end of its "
        "interval may be trusted; of many rare optima any number may be missed.",
        "Chao, Nonparametric estimation of the number of classes in a population (1984)",
        "https://www.jstor.org/stable/4615964",
        "bias-corrected: Chao, Species estimation and applications (2005)",
        "https://doi.org/10.1002/0471667196.ess5051",
        "its interval: Chao, Estimating the population size for capture-recapture data with "
        "unequal catchability (1987)",
        "https://doi.org/10.2307/2531532",
    ),
    term(
        "optima, posterior",
        "Posterior mean of their number, w(N − 1)/(N − w − 2) for w seen in N starts, if every "
        "number and all shares are equally likely beforehand. Basins are seldom so even: it is "
        "then too low.",
        "Boender & Rinnooy Kan, Bayesian stopping rules for multistart global optimization methods "
        "(1987)",
        "https://doi.org/10.1007/BF02591684",
    ),
    term(
        "work of a start",
        "Distance evaluations, on average: points × k for every step, and what the initializer "
        "evaluates. A user's own initializer does not say, so nothing is told of it.",
    ),
    term(
        "work to the best",
        "Expected work of starts repeated until one reaches the best: all work by the number of "
        "successes.",
        "Hansen et al., COCO: performance assessment (2016), section 4",
        "https://arxiv.org/abs/1605.03560",
    ),
    term(
        "work for 99\u00a0%",
        "Work of a fixed number of starts, n_init for 99 %. The best buy is the init where it is "
        "least.",
    ),
    term("seconds for 99\u00a0%", "The same in seconds of one core, as they were measured."),
    *DUELS,
    term(
        "mean ARI",
        "Adjusted Rand index of the ends of two random starts, the mean over all pairs: 1 where "
        "all end alike, 0 where they agree as by chance.",
        *HUBERT,
    ),
    term(
        "mean AMI",
        "The same with mutual information, adjusted for chance.",
        "Vinh, Epps & Bailey, Information theoretic measures for clusterings comparison (2010)",
        "https://jmlr.org/papers/v11/vinh10a.html",
    ),
    term(
        "mean VI",
        "Variation of information of the ends of two random starts, in nats: 0 where all are one.",
        "Meilă, Comparing clusterings: an information based distance (2007)",
        "https://doi.org/10.1016/j.jmva.2006.11.013",
    ),
    term(
        "consistency",
        "How alike two random starts see a point, |A ∩ B| / max(|A|, |B|) for the clusters A and B "
        "that hold it; the mean over the points.",
        "Gates, Wood, Hetrick & Ahn, Element-centric clustering comparison unifies overlaps and "
        "hierarchy (2019)",
        "https://doi.org/10.1038/s41598-019-44892-y",
    ),
    term("least consistent", "The consistency of the point that changes sides the most."),
    term(
        "map of doubt",
        "Share of the converged starts that put a place, or a point, into another cluster than the "
        "best optimum does. The clusters of each optimum are matched to those of the best so that "
        "most points agree; each optimum counts by its starts. As many of the most frequent are "
        "taken as cover 99.9 % of the starts, 1000 at most. With more than two features the places "
        "are those of the plane of the first two principal components.",
        "Kuhn, The Hungarian method for the assignment problem (1955), for the matching",
        "https://doi.org/10.1002/nav.3800020109",
    ),
    term(
        "co-association",
        "How often a start leaves a point together with another of its cluster in optimum 1; the "
        "mean over such pairs and the points.",
        "Fred & Jain, Combining multiple clusterings using evidence accumulation (2005)",
        "https://doi.org/10.1109/TPAMI.2005.113",
    ),
    term(
        "mean Centroid Index",
        "Hidden groups without a center of their own, or centers without a group, whichever are "
        "more; 0: every group is found.",
        "Fränti, Rezaei & Zhao, Centroid index: cluster level similarity measure (2014)",
        "https://doi.org/10.1016/j.patcog.2014.03.017",
    ),
    term(
        "all groups found",
        "Share of the starts with Centroid Index 0, with Wilson's interval.",
        *WILSON,
    ),
    term(
        "starts followed",
        "Converged starts whose steps are compared with each other; of many the first ones.",
    ),
    term("partitions met", "Different partitions that the starts followed came through."),
    term(
        "merged",
        "Share of the starts followed that came to a partition which another one had too: from "
        "there on both go the same way. Where the labels of the steps are not stored, as of large "
        "data, the picture of the ways takes equal inertia for an equal partition.",
    ),
    term(
        "merged at step (median)",
        "The first step with such a partition, of the starts that merged: half did up to it.",
    ),
    term(
        "sealed at step (median)",
        "A start's fate is sealed at the step from which on the optimum nearest to its partition, "
        "by the adjusted Rand index, is the one it ends in. Half of the starts followed are up to "
        "this step.",
        "Hubert & Arabie, Comparing partitions (1985), eq. 5",
        "https://doi.org/10.1007/BF01908075",
    ),
    term("nine in ten sealed by step", "The step up to which nine in ten starts are sealed."),
    term(
        "rank correlation",
        "Spearman's, of inertia and silhouette over the starts; of beginning and end, of initial "
        "and final inertia.",
        "Spearman, The proof and measurement of association between two things (1904)",
        "https://doi.org/10.2307/1412159",
    ),
)
DEFINED = frozenset(word for word, _ in NUMBERS)
UNDER = {  # what is told under another word
    "best inertia": "best known",
    "silhouette at the best inertia": "silhouette",
    "highest silhouette": "silhouette",
    **dict.fromkeys(("ARI at the best inertia", "median ARI", "highest ARI"), "ARI"),
}


def links(*columns: str) -> dict[str, str]:
    """Columns with the address of their definition, as far as there is one."""
    words = {column: UNDER.get(column, column) for column in columns}
    return {column: anchor(word) for column, word in words.items() if word in DEFINED}
