"""What a data set holds: images and sequences of each class, machine and stage of a split.

The echocardiography thesis's Tables 3.1 and 3.2 and Figures 3.4 to 3.6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from core.checks import require
from core.files import replace_text
from core.reports.drawing import CLASS_COLOURS, INK, Plot, mark, quiet
from core.reports.run_folder import FIGURES
from core.reports.tables import Table
from core.reports.templates import render

PAGE: Final = "statistics.html"
TOTAL: Final = "Total"
PLOTS: Final = ("classes", "machines", "stages")
"""Names of the figures; those by machine are only drawn of data that name them."""
WIDTH: Final = 4.8  # inches, of a figure

_COUNTED: Final = {"sequence": "Sequences", "subject": "Patients"}
_HATCHES: Final = ("", "////", "....", "\\\\\\\\", "xxxx", "oo", "--", "++")  # without colour too

Stages = Mapping[str, Sequence[int]]


def write_statistics(
    folder: Path,
    table: pd.DataFrame,
    stages: Stages,
    classes: Sequence[str],
    label: str = "view",
    *,
    simulated: bool = False,
) -> Path:
    """Write statistics.csv and split_statistics.csv, both as .md too, figures/*.png and a page.

    Args:
        folder: Where to write; made if need be.
        table: A source's table, one row an image: the label's column; sequence, subject and device
            as far as they are known.
        stages: Name of a stage to the row labels of its images; images of no stage count in
            statistics.csv alone.
        classes: Names of the classes, in order; others that the table holds, such as UNKNOWN,
            stand below them in the tables and in no figure.
        label: Column of the table that names the class.
        simulated: Whether the images are, which the page then says.

    Returns:
        Path of statistics.html.

    Raises:
        InputError: If the table has no such column.
    """
    require(label in table, "table", f"column '{label}'", ", ".join(map(str, table)))
    counts, split = class_counts(table, classes, label), split_counts(table, stages, classes, label)
    known = table[table[label].isin(list(classes))]
    plots = _plots(known, stages, classes, label)
    (folder / FIGURES).mkdir(parents=True, exist_ok=True)
    for plot in plots:
        if simulated:
            mark(plot.figure, "SIMULATED images")
        plot.save(folder / FIGURES)
    tables = {"statistics": counts, "split_statistics": split}
    for name, each in tables.items():
        replace_text(folder / f"{name}.csv", each.to_csv(index=False))
        replace_text(folder / f"{name}.md", _markdown(_as_text(each)))
    kind = "SIMULATED " if simulated else ""
    page = render(
        PAGE,
        figures=folder / FIGURES,
        tables=[_as_text(each) for each in tables.values()],
        plots=plots,
        found=f"{len(table):,} {kind}images, {len(known):,} of them of {len(classes)} classes",
    )
    replace_text(folder / PAGE, page)
    return folder / PAGE


def class_counts(table: pd.DataFrame, classes: Sequence[str], label: str) -> pd.DataFrame:
    """Count images, sequences and patients of each class (Table 3.1); the total comes last.

    The total counts a patient once, however many classes there are images of.
    """
    parts = {name: table[table[label] == name] for name in _names(table, classes, label)}
    counted = {column: name for column, name in _COUNTED.items() if column in table}
    rows = [
        {"Class": name, "Images": len(of)}
        | {heading: of[column].nunique() for column, heading in counted.items()}
        for name, of in (parts | {TOTAL: table}).items()
    ]
    return pd.DataFrame(rows)


def split_counts(
    table: pd.DataFrame, stages: Stages, classes: Sequence[str], label: str
) -> pd.DataFrame:
    """Count the images of each class and stage (Table 3.2); the total comes last."""
    of = {stage: table.loc[list(rows), label].value_counts() for stage, rows in stages.items()}
    names = _names(table.loc[[row for rows in stages.values() for row in rows]], classes, label)
    counts = pd.DataFrame(of).reindex(names).fillna(0).astype(int)
    counts.loc[TOTAL] = counts.sum()
    return counts.rename_axis("Class").reset_index()


def _names(table: pd.DataFrame, classes: Sequence[str], label: str) -> list[str]:
    """Return the classes, and behind them whatever else the table holds."""
    return [*classes, *sorted(set(table[label].dropna()) - set(classes))]


def _plots(table: pd.DataFrame, stages: Stages, classes: Sequence[str], label: str) -> list[Plot]:
    """Return the bars over all images, by machine, and by machine in each stage."""
    plots = [_bars({"": table}, classes, label, "classes", "Images of each class", None)]
    if "device" not in table:
        return plots
    machines = sorted(table["device"].unique())
    title = "Images of each class and machine"
    plots.append(_bars({"": table}, classes, label, "machines", title, machines))
    parts = {name: table[table.index.isin(list(rows))] for name, rows in stages.items()}
    title = "Images of each class and machine in the split"
    return [*plots, _bars(parts, classes, label, "stages", title, machines)]


def _bars(
    parts: Mapping[str, pd.DataFrame],
    classes: Sequence[str],
    label: str,
    name: str,
    title: str,
    machines: Sequence[str] | None,
) -> Plot:
    """Draw a panel a part: a bar a class, stacked by machine if machines are given."""
    figure = Figure(figsize=(WIDTH, 3 * len(parts)), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    rows = figure.subplots(len(parts), squeeze=False)[:, 0]
    said = []
    for axes, (part, table) in zip(rows, parts.items(), strict=True):
        quiet(axes, "", "Images")
        axes.set_title(part, fontsize=10, loc="left", color=INK, parse_math=False)
        counts = table[label].value_counts().reindex(list(classes), fill_value=0)
        groups = {m: table[table["device"] == m] for m in machines} if machines else {"": table}
        _stack(axes, groups, classes, label)
        axes.bar_label(axes.containers[-1], [f"{n:,}" for n in counts], padding=2, fontsize=8)
        axes.set_ylim(0, 1.12 * max(1, counts.max()))
        said.append(f"{part}: " * bool(part) + ", ".join(f"{c} {n:,}" for c, n in counts.items()))
    if machines:
        handles, labels = rows[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower left", ncols=2, frameon=False, fontsize=9)
    return Plot(name=name, title=title, alt=f"{title}. {'; '.join(said)}.", figure=figure)


def _stack(
    axes: Axes, groups: Mapping[str, pd.DataFrame], classes: Sequence[str], label: str
) -> None:
    """Stack bars of one colour and hatch a group."""
    bottom = np.zeros(len(classes))
    for place, (group, table) in enumerate(groups.items()):
        counts = table[label].value_counts().reindex(list(classes), fill_value=0).to_numpy()
        bars = axes.bar(list(classes), counts, bottom=bottom, label=group)
        for bar in bars:
            bar.set(
                facecolor=CLASS_COLOURS[place % 8], edgecolor="white", hatch=_HATCHES[place % 8]
            )
        bottom += counts
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(visible=False, axis="x")
    axes.tick_params(axis="x", length=0)
    axes.set_xticks(range(len(classes)), classes, rotation=40, ha="right", rotation_mode="anchor")


def _as_text(counts: pd.DataFrame) -> Table:
    columns = tuple(map(str, counts))
    rows = [[str(name), *(f"{n:,}" for n in row)] for name, *row in counts.to_numpy()]
    return Table(columns=columns, rows=rows, numeric=frozenset(columns[1:]))


def _markdown(table: Table) -> str:
    """Return a table for reading as text, numbers flush right."""
    rule = ["---:" if name in table.numeric else "---" for name in table.columns]
    lines = [list(table.columns), rule, *table.rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
