"""How far a network tells the classes apart: its features in two dimensions (t-SNE)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from core.reports.drawing import INK, Plot, looks, panels
from core.reports.run_folder import FEATURES, RunFolder

_MOST: Final = 1500  # images: t-SNE of more takes longer than the rest of the page
_COMPONENTS: Final = 50
_PERPLEXITY: Final = 30.0
_STEPS: Final = 500
_FEWEST: Final = 8
_COLUMNS: Final = 2
_PANEL: Final = (4.8, 4.8)  # inches

FloatArray = NDArray[np.float32]


class Features(NamedTuple):
    """What a network's last layer saw: of which images (N,), and vectors (N, F) float32."""

    images: NDArray[np.int64]
    vectors: FloatArray


def read_features(root: Path) -> Features | None:
    """Return the features that a run has kept, those of finite numbers; None without any."""
    path = root / FEATURES
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as kept:
        index, vectors = kept["index"], kept["features"].astype(np.float32)
    finite = np.isfinite(vectors).all(axis=1)
    return Features(index[finite], vectors[finite])


def embed(vectors: FloatArray, seed: int = 0) -> FloatArray | None:
    """Bring features to two dimensions that keep neighbours together: PCA to 50, then t-SNE.

    Args:
        vectors: (N, F), finite.
        seed: Equal seeds give equal pictures.

    Returns:
        (N, 2) in no unit; None of fewer than eight vectors, and where all are alike.

    References:
        van der Maaten and Hinton, J Mach Learn Res 2008;9:2579; PCA before it as in their
        Section 4.2. It starts from the first two components: Kobak and Berens, Nature
        Communications 2019;10:5416.
    """
    if len(vectors) < _FEWEST or vectors.shape[1] < 2 or not np.ptp(vectors, axis=0).any():
        return None
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    components = min(_COMPONENTS, *vectors.shape)
    reduced = PCA(components, random_state=seed).fit_transform(vectors.astype(np.float64))
    start = 1e-4 * reduced[:, :2] / reduced[:, 0].std()
    perplexity = min(_PERPLEXITY, (len(vectors) - 1) / 3)
    tsne = TSNE(perplexity=perplexity, init=start, max_iter=_STEPS, random_state=seed)
    return np.asarray(tsne.fit_transform(reduced), np.float32)


def plot_embedding(run: RunFolder) -> Plot | None:
    """Draw test images where their features put them, by true class; None without features.

    Of more than 1500 images as many are taken at even distances in the order of their rows.
    """
    placed = _placed(run)
    if placed is None:
        return None
    figure, [axes] = panels(1, 1, *_PANEL)
    alt = _draw(axes, *placed, run.classes)
    _add_legend(figure, [axes])
    return Plot(name="embedding", title="Features of the test images", alt=alt, figure=figure)


def plot_embeddings(runs: Mapping[str, RunFolder], title: str) -> Plot | None:
    """Draw the features of a table's rows beside each other (the thesis's Fig. 4.9).

    Args:
        runs: Label to a run; those without features are left out.
        title: Heading.

    Returns:
        The figure, named "embedding"; None without any features.
    """
    found = {label: (placed, run) for label, run in runs.items() if (placed := _placed(run))}
    if not found:
        return None
    figure, grid = panels(len(found), _COLUMNS, *_PANEL)
    said = []
    for axes, (label, (placed, run)) in zip(grid, found.items(), strict=True):
        axes.set_title(label, fontsize=11, loc="left", color=INK, parse_math=False)
        said.append(f"{label}: {_draw(axes, *placed, run.classes)}")
    _add_legend(figure, grid)
    return Plot(name="embedding", title=title, alt=" ".join(said), figure=figure)


def _placed(run: RunFolder) -> tuple[pd.DataFrame, FloatArray] | None:
    """Return images and their places; None where nothing was kept, or too little."""
    features = read_features(run.root)
    if features is None or run.classified.empty:
        return None
    taken = _evenly(np.flatnonzero(np.isin(features.images, run.classified["index"])))
    places = embed(features.vectors[taken])
    if places is None:
        return None
    return run.classified.set_index("index").loc[features.images[taken]], places


def _evenly(rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return at most `_MOST` of the rows, at even distances."""
    wanted = min(len(rows), _MOST)
    return np.asarray(rows[np.linspace(0, len(rows) - 1, wanted).round().astype(int)])


def _draw(axes: Axes, images: pd.DataFrame, places: FloatArray, classes: list[str]) -> str:
    """Draw images at their places, and return what that says."""
    for name, look in looks(classes).items():
        own = places[images["truth"] == name]
        if len(own):
            _scatter(axes, own, 14, name, c=look.colour, marker=look.marker, lw=0, alpha=0.75)
    wrong = places[images["correct"] == 0]
    if len(wrong):
        _scatter(axes, wrong, 44, "wrong", facecolors="none", edgecolors=INK, lw=0.9)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    return (
        f"t-SNE of the features of {len(images)} test images of {images['truth'].nunique()} "
        f"classes; {len(wrong)} are classified wrongly."
    )


def _add_legend(figure: Figure, grid: Sequence[Axes]) -> None:
    """Name the classes that any panel has, below all."""
    named: dict[str, Artist] = {}
    for axes in grid:
        marks, names = axes.get_legend_handles_labels()
        named |= dict(zip(names, marks, strict=True))
    order = sorted(named, key=lambda name: name == "wrong")  # else as they came: this one last
    figure.legend(
        [named[name] for name in order],
        order,
        loc="outside lower center",
        ncols=5,
        frameon=False,
        fontsize=9,
        labelcolor=INK,
        handletextpad=0.2,
        columnspacing=1,
    )


def _scatter(axes: Axes, places: FloatArray, size: float, label: str, **style: Any) -> None:
    """Draw dots, and larger ones for the legend."""
    axes.scatter(places[:, 0], places[:, 1], s=size, **style)
    axes.scatter([], [], s=40, label=label, **style)
