"""What the words and the numbers of a report mean, and where each definition comes from."""

from .page import Line, Span

TERMS: tuple[tuple[str, Line], ...] = (
    ("start", ("One seeded k-means run: first centers, then steps until no point moves.",)),
    ("step", ("One iteration: each point joins its nearest center, each center its mean.",)),
    ("inertia", ("Sum of the squared distances of the points to their centers.",)),
    ("gap", ("How far an inertia lies above the best known one, in percent of that.",)),
    ("best known", ("The lowest inertia of starts, reference search and spec.",)),
    ("optimum", ("A partition of the points that converged starts end in.",)),
    (
        "transfer",
        (
            "One point given to another cluster, both centers moving along; what it improves is no "
            "more than an optimum of k-means.",
        ),
    ),
    ("basin", ("The starts that end in one optimum; its share is its probability, estimated.",)),
    ("n_init, restarts R", ("How many starts are made, of which the best is kept.",)),
    (
        "[95 % interval]",
        ("Wilson's score interval of a share, dark in its bar; for R, what follows.",),
    ),
    ("silhouette", ("Mean over the points, −1 to 1: how much nearer its own cluster is.",)),
    ("ARI", ("Agreement with the hidden groups: 1 is equal, 0 is what chance gives.",)),
)


def term(word: str, meaning: str, source: str = "", url: str = "") -> tuple[str, Line]:
    """A word with its meaning, and the source of its definition as a link."""
    told: Line = (meaning, " Source: ", Span(source, "link", url), ".") if source else (meaning,)
    return word, told


LOWER, REACH = "A₁₂", "difference of success"
SUCCESS = "reach the best"
NEWCOMBE = "https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8%3C873::AID-SIM779%3E3.0.CO;2-I"
WILSON = (
    "Wilson, Probable inference, the law of succession, and statistical inference (1927)",
    "https://doi.org/10.1080/01621459.1927.10502953",
)

DUELS = (
    term(
        LOWER,
        "Probability that a start of the one init ends at a lower inertia than a start of the "
        "other, half of a tie included; 0.5 means that neither does better. A start without an "
        "outcome loses against one with. Its interval is that of Brunner & Munzel.",
        "Vargha & Delaney, A critique and improvement of the CL common language effect size "
        "statistics of McGraw and Wong (2000)",
        "https://doi.org/10.3102/10769986025002101",
    ),
    term(
        REACH,
        "Success of the one init less that of the other, in percentage points, with Newcombe's "
        "interval (method 10).",
        "Newcombe, Interval estimation for the difference between independent proportions (1998)",
        NEWCOMBE,
    ),
)

NUMBERS = (
    term(
        SUCCESS,
        "Share of the starts whose gap is 0 up to rounding (10⁻⁹), those without an outcome "
        "counted as failures, with Wilson's 95 % score interval. Of a deterministic init, and of a "
        "census of all starts, it is no estimate and has no interval.",
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
            f"n_init for {share} %",
            f"The fewest restarts R with 1 − (1 − p)ᴿ ≥ {share} %, p being the share of starts "
            "that reach the best; its interval is that of p.",
            "Hoos & Stützle, Stochastic local search (2004), section 4.2",
            "https://doi.org/10.1016/B978-1-55860-872-6.X5016-1",
        )
        for share in (95, 99)
    ),
    term(
        "mean gap of 1 start",
        "Mean over the starts of how far their inertia lies above the best known one.",
    ),
    term(
        "of the best of 10",
        "Expected gap of the best of 10 starts: the mean over all choices of 10 from these "
        "starts. The band of the picture is a bootstrap's, for R up to a tenth of the starts where "
        "the best was seen ten times; elsewhere the data do not reach so far.",
        "Hoeffding, A class of statistics with asymptotically normal distribution (1948)",
        "https://doi.org/10.1214/aoms/1177730196",
    ),
    term(
        "effective number",
        "As many optima of equal share would be as diverse: the exponential of the entropy of "
        "their shares (Hill number of order 1).",
        "Hill, Diversity and evenness: a unifying notation and its consequences (1973)",
        "https://doi.org/10.2307/1934352",
    ),
    term(
        "unseen share",
        "Probability that a new start ends in an optimum that none of these did: the number of "
        "optima seen once by the number of starts (Good–Turing). Assumed: independent starts of "
        "one init. Its interval holds the shares whose squared error its variance allows.",
        "Good, The population frequencies of species (1953); Esty (1983)",
        "https://doi.org/10.1093/biomet/40.3-4.237",
    ),
    term(
        "optima, at least",
        "Seen and unseen, estimated from below by how many were seen once and twice (Chao1). The "
        "low end of its interval may be trusted; of many rare optima any number may be missed.",
        "Chao, Nonparametric estimation of the number of classes in a population (1984)",
        "https://www.jstor.org/stable/4615964",
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
        "work for 99 %",
        "Work of a fixed number of starts, n_init for 99 %. The best buy is the init where it is "
        "least.",
    ),
    term("seconds for 99 %", "The same in seconds of one core, as they were measured."),
    *DUELS,
    term(
        "mean ARI",
        "Adjusted Rand index of the ends of two random starts, the mean over all pairs: 1 where "
        "all end alike, 0 where they agree as by chance.",
        "Hubert & Arabie, Comparing partitions (1985)",
        "https://doi.org/10.1007/BF01908075",
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
        "merged",
        "A start merges at the first step whose partition another start had too: from there on "
        "both go the same way. Where the labels of the steps are not stored, as of large data, the "
        "picture of the ways takes equal inertia for an equal partition.",
    ),
    term(
        "sealed",
        "A start's fate is sealed at the step from which on the optimum nearest to its partition, "
        "by the adjusted Rand index, is the one it ends in.",
        "Hubert & Arabie, Comparing partitions (1985), eq. 5",
        "https://doi.org/10.1007/BF01908075",
    ),
    term(
        "rank correlation",
        "Spearman's, of inertia and silhouette over the starts.",
        "Spearman, The proof and measurement of association between two things (1904)",
        "https://doi.org/10.2307/1412159",
    ),
)
DEFINED = frozenset(word for word, _ in NUMBERS)
