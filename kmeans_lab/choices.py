"""The closed lists of words that a user chooses from, in a spec or on the command line."""

SCALES = ("none", "standard", "minmax")
EMPTY = ("relocate", "keep", "fail")  # what an empty cluster does
LABELS = ("all", "final", "none")  # recorded: of every step, of the outcome
SILHOUETTES = ("exact", "sampled", "none")
AUTO = "auto"
ALL = "all"  # every start that there is, instead of a number of seeded ones
PICKS = ("best", "median", "worst")
NUMBERED = ("seed", "run", "optimum")  # as in seed=128
FORMATS = ("html", "gif", "mp4", "png")
BACKENDS = ("threading", "loky", "dask")
PORTRAITS = ("png", "svg", "gif", "mp4")
