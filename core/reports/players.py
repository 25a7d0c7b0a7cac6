"""What a training of several terms minimised: both players of a game, and what binds them."""

from __future__ import annotations

from typing import Final

import pandas as pd

from core.reports.drawing import GROUP_COLOURS, INK, Plot, curve, panel

_PREFIX: Final = "train/"
_PLAYERS: Final = {"d_": "discriminator", "g_": "restorer"}


def player_plots(epochs: pd.DataFrame) -> list[Plot]:
    """Plot the training's terms over epochs; none for a training of a single loss.

    Columns train/d_<domain> are a discriminator's loss, train/g_<domain> what the restorer
    minimises to fool it; all other terms stand in a plot of their own, their axis logarithmic.
    """
    known = epochs.dropna(axis=1, how="all")
    names = [name.removeprefix(_PREFIX) for name in map(str, known) if name.startswith(_PREFIX)]
    players = [name for name in names if name.startswith(tuple(_PLAYERS))]
    others = [n for n in names if n not in (*players, "loss", "discriminator", "accuracy")]
    plots = []
    if players:
        plots.append(_plot(known, players, "players", "Both players"))
    if others:
        plots.append(_plot(known, others, "terms", "Terms beside the game" if players else "Terms"))
        plots[-1].figure.axes[0].set_yscale("log")
    return plots


def _plot(epochs: pd.DataFrame, names: list[str], name: str, title: str) -> Plot:
    figure, axes = panel("Epoch", "Loss, weighted")
    said = []
    for place, term in enumerate(names):
        values = epochs[f"{_PREFIX}{term}"]
        curve(axes, epochs["epoch"], values, _label(term), GROUP_COLOURS[place % 6])
        said.append(f"{_label(term)} from {values.iloc[0]:.3g} to {values.iloc[-1]:.3g}")
    axes.legend(frameon=False, fontsize=9, labelcolor=INK)
    alt = f"{title} over {len(epochs)} epochs: {', '.join(said)}."
    return Plot(name=name, title=title, alt=alt, figure=figure)


def _label(term: str) -> str:
    """Name a term for reading: d_clean is the "discriminator, clean"."""
    for prefix, player in _PLAYERS.items():
        if term.startswith(prefix):
            return f"{player}, {term.removeprefix(prefix)}"
    return term.replace("_", " ")
