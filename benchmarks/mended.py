"""The teaching notebook's way to run and to draw k-means, its faults mended, nothing else changed.

One start at a time in NumPy, a silhouette by scikit-learn for every assign, every frame drawn anew.
"""

import numpy as np
from matplotlib.animation import FuncAnimation
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sklearn.metrics import silhouette_score

COLORS = ("#4C72B0", "#DD8452", "#55A868")


def run_kmeans(X, K, rng, max_iter=300):
    """Frames of one start, run until no label changes; an emptied cluster keeps its center."""
    frames = []

    def add(phase, iteration):
        keys = ("phase", "iteration", "centroids", "labels")
        frames.append(dict(zip(keys, (phase, iteration, centroids, labels), strict=True)))

    centroids = X[rng.choice(len(X), size=K, replace=False)]
    labels = np.full(len(X), -1)
    add("init", 0)
    for iteration in range(1, max_iter + 1):
        distances = ((X[:, None, :] - centroids[None, :, :]) ** 2).sum(axis=2)
        previous, labels = labels, distances.argmin(axis=1)
        add("assign", iteration)
        if (labels == previous).all():
            add("converged", iteration)
            break
        means = [X[labels == j].mean(axis=0) if j in labels else centroids[j] for j in range(K)]
        centroids = np.array(means)
        add("update", iteration)
    return frames


def silhouettes(X, frames):
    """A score for every assign, NaN where there is one cluster only."""
    assigned = [frame["labels"] for frame in frames if frame["phase"] == "assign"]
    return [silhouette_score(X, a) if len(set(a)) > 1 else np.nan for a in assigned]


def make_animation(X, frames, K, interval_ms=900):
    """The notebook's animation: background, points, centers, caption, silhouette panel."""
    low, high = X.min(axis=0) - 0.5, X.max(axis=0) + 0.5
    xx, yy = np.meshgrid(np.linspace(low[0], high[0], 300), np.linspace(low[1], high[1], 300))
    grid = np.c_[xx.ravel(), yy.ravel()]
    scores = silhouettes(X, frames)
    figure = Figure((11, 6))
    FigureCanvasAgg(figure)
    ax, panel = figure.subplots(1, 2, width_ratios=(3, 1))
    rgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in COLORS])

    def draw(index):
        frame, C = frames[index], frames[index]["centroids"]
        ax.clear()
        panel.clear()
        nearest = ((grid[:, None, :] - C[None, :, :]) ** 2).sum(axis=2).argmin(axis=1)
        extent = (low[0], high[0], low[1], high[1])
        ax.imshow(rgb[nearest].reshape(300, 300, 3), origin="lower", extent=extent, alpha=0.18)
        for j in (-1, *range(K)):
            mine = X[frame["labels"] == j]
            ax.scatter(*mine.T, s=25, c="#BBBBBB" if j < 0 else COLORS[j], edgecolors="white")
        for j in range(K):
            ax.scatter(
                *C[j], marker="D", s=140, c=COLORS[j], edgecolors="black", label=f"cluster {j}"
            )
        ax.set_title(f"{frame['phase']}, iteration {frame['iteration']}")
        ax.legend(loc="upper right")
        known = sum(f["phase"] == "assign" for f in frames[: index + 1])
        panel.plot(range(1, known + 1), scores[:known], "o-", color="#777777")
        if known:
            panel.plot(known, scores[known - 1], "o", color="red")
            panel.set_title(f"silhouette {scores[known - 1]:.3f}")
        for line in (0.5, 0.75):
            panel.axhline(line, ls="--", lw=1)
        panel.set(xlim=(0.5, len(scores) + 0.5), ylim=(min(0, *scores), 1))

    return FuncAnimation(figure, draw, frames=len(frames), interval=interval_ms, repeat=True)
