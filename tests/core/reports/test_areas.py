import numpy as np
import pandas as pd
import pytest

from core.metrics.agreement import bland_altman
from core.reports.areas import area_plots
from core.reports.run_folder import RunFolder


def plots(run, rows, agree=bland_altman):
    run.write(rows)
    return {plot.name: plot for plot in area_plots(RunFolder.read(run.root), agree)}


def dots(plot):
    offsets = [points.get_offsets() for points in plot.figure.axes[0].collections]
    return np.concatenate(offsets)


def test_areas_are_pixels_times_their_size(tiny_run, grouped_rows):
    rows = [
        row | {"truth_px": 100 + 10 * i, "prediction_px": 120 + 10 * i}
        for i, row in enumerate(grouped_rows)
    ]
    area = plots(tiny_run, rows)["areas"]
    found = sorted(dots(area)[:, 0])
    assert len(found) == 23  # the miss gives no pair
    assert found[0] == pytest.approx(110 * 0.1 * 0.2)
    assert dots(area)[:, 1].tolist() == pytest.approx([20 * 0.1 * 0.2] * 23)


def test_groups_are_told_apart(tiny_run, grouped_rows):
    area = plots(tiny_run, grouped_rows)["areas"]
    (legend,) = area.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == sorted(
        {row["test_group"] for row in grouped_rows}
    )
    colours = {tuple(points.get_facecolor()[0]) for points in area.figure.axes[0].collections}
    assert len(colours) == 4


def test_agreement_is_told_who_each_pair_is_of(tiny_run, grouped_rows):
    asked = []

    def agree(ours, truth, *, subjects):
        asked.append(list(subjects))
        return bland_altman(ours, truth, subjects=subjects)

    plots(tiny_run, grouped_rows, agree)
    assert asked == [[row["subject"] for row in grouped_rows if row["outcome"] == "TP"]]


def test_images_of_unknown_spacing_give_no_pair(tiny_run, grouped_rows):
    unknown = [row | {"spacing_row_mm": np.nan} for row in grouped_rows[:6]]
    assert "17 pairs" not in plots(tiny_run, grouped_rows)["areas"].alt
    assert "18 pairs" in plots(tiny_run, unknown + grouped_rows[6:])["areas"].alt
    assert plots(tiny_run, [row | {"spacing_col_mm": np.nan} for row in grouped_rows]) == {}


def test_run_that_knows_no_spacing_has_no_areas(tiny_run, mixed_rows):
    assert plots(tiny_run, mixed_rows) == {}


def test_structures_have_a_figure_each(tiny_run, grouped_rows):
    rows = [row | {"structure": name} for row in grouped_rows for name in ("nerve", "vessel")]
    found = plots(tiny_run, rows)
    assert {name: plot.title for name, plot in found.items()} == {
        "areas_1": "Agreement: area of nerve",
        "areas_2": "Agreement: area of vessel",
    }


def test_ratios_are_drawn_where_both_sides_are_known(tiny_run):
    pairs = {"subject": list("abcd"), "truth": [1.4, 1.2, 1.3, 1.1]}
    ratios = pd.DataFrame(pairs | {"prediction": [1.5, 1.2, np.nan, 1.0]})
    ratios.to_csv(tiny_run.root / "area_ratio.csv", index=False)
    (ratio,) = plots(tiny_run, []).values()
    assert sorted(dots(ratio)[:, 1]) == pytest.approx([-0.1, 0, 0.1])
    assert ratio.name == "area_ratio"


def test_two_subjects_are_too_few(tiny_run, grouped_rows):
    assert plots(tiny_run, [row | {"subject": row["subject"][:1]} for row in grouped_rows]) == {}
