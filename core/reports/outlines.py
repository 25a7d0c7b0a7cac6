"""The images that a report shows: typical outlines of each group, and notable cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from core.reports.cases import choose_notable, choose_typical
from core.reports.drawing import Plot
from core.reports.run_folder import GROUP, RunFolder
from core.reports.tiles import Images, Tile, make_tile, plot_tiles

_NONE = "None among the test images."


@dataclass(frozen=True, kw_only=True)
class TileGroup:
    """Tiles under one heading.

    Attributes:
        title: The heading.
        note: How they were chosen, or that there are none.
        tiles: At most four.
    """

    title: str
    note: str
    tiles: list[Tile]


def typical_outlines(run: RunFolder, images: Images) -> list[TileGroup]:
    """Draw typical outlines of each structure and group; nothing for a run that never tested."""
    drawn = []
    for title, rows in _parts(run):
        chosen = choose_typical(rows)
        tiles = [make_tile(run, images, row) for _, row in chosen.iterrows()]
        drawn.append(TileGroup(title=title, note="" if tiles else _NONE, tiles=tiles))
    return drawn


def notable_cases(run: RunFolder, images: Images) -> list[TileGroup]:
    """Draw the cases of each kind that the run's columns can tell; a kind may have none."""
    if run.images.empty:
        return []
    drawn = []
    for kind, rows in choose_notable(run.images):
        tiles = [make_tile(run, images, row, kind.numbers(row)) for _, row in rows.iterrows()]
        note = kind.note if tiles else f"{kind.note} {_NONE}"
        drawn.append(TileGroup(title=kind.title, note=note, tiles=tiles))
    return drawn


def outline_plots(typical: list[TileGroup], notable: list[TileGroup]) -> list[Plot]:
    """Return both as files for a paper; what has no tile at all is left out."""
    figures = (
        ("outlines", "Typical outlines", typical),
        ("notable", "Notable cases", notable),
    )
    return [
        plot_tiles(name, title, {group.title: group.tiles for group in groups})
        for name, title, groups in figures
        if any(group.tiles for group in groups)
    ]


def _parts(run: RunFolder) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each structure's and group's name and rows; all rows at once where there is one."""
    keys = ["structure"] if len(run.structures) > 1 else []
    keys += [GROUP] if run.groups else []
    if keys:
        for names, rows in run.images.groupby(keys):
            yield ", ".join(map(str, names)), rows
    elif len(run.images):
        yield "All test images", run.images
