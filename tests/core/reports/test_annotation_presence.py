from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from core.metrics.confidence import PRESENT
from core.reports import annotation_presence
from core.reports.annotation_presence import presence_plots, presence_table


def kind(name, truth, confidence, subjects=None):
    subjects = range(len(truth)) if subjects is None else subjects
    columns = {"index": range(len(truth)), "id": "a", "subject": [f"s{n}" for n in subjects]}
    return pd.DataFrame(columns).assign(kind=name, truth=truth, confidence=confidence)


def sampled(name="marker", count=80, seed=0):
    rng = np.random.default_rng(seed)
    truth = (rng.random(count) < 0.4).astype(int)
    return kind(name, truth, np.clip(rng.normal(0.35 + 0.3 * truth, 0.2), 0, 1).round(2))


def run(*kinds):
    return SimpleNamespace(
        presence=pd.concat(kinds, ignore_index=True) if kinds else pd.DataFrame()
    )


def only(*kinds):
    """The row of a table of one kind, by column."""
    table = presence_table(run(*kinds))
    return dict(zip(table.columns, table.rows[0], strict=True))


def test_half_is_present_as_where_it_was_measured():
    assert annotation_presence._PRESENT == PRESENT


def test_row_has_counts_and_rates():
    row = only(kind("marker", [1, 1, 1, 1, 0, 0], [0.9, 0.5, 0.6, 0.4, 0.7, 0.1]))
    assert row["Annotation"] == "marker"
    assert [row["Images with"], row["Images without"]] == ["4", "2"]
    assert [row["Sensitivity"], row["Specificity"]] == ["0.750", "0.500"]


def test_area_is_scikit_learns():
    table = sampled()
    area, *_ = only(table)["AUC (95 % interval)"].split()
    assert float(area) == pytest.approx(
        roc_auc_score(table["truth"], table["confidence"]), abs=5e-5
    )


def interval(table):
    words = only(table)["AUC (95 % interval)"].split("(")[1].rstrip(")").split(" to ")
    return [float(word) for word in words]


def test_interval_of_independent_images_agrees_with_a_bootstrap_of_the_area():
    table = sampled(count=300)
    sure, there = table["confidence"].to_numpy(), table["truth"].to_numpy() == 1
    ordered = (sure[:, None] > sure) + 0.5 * (sure[:, None] == sure)
    draws = np.random.default_rng(1).multinomial(300, np.full(300, 1 / 300), 2000)
    pairs = (draws * there) @ (ordered * there[:, None] * ~there)
    areas = (pairs * draws).sum(1) / ((draws @ there) * (draws @ ~there))
    assert interval(table) == pytest.approx(np.quantile(areas, [0.025, 0.975]).tolist(), abs=0.01)


def test_copies_of_a_subjects_images_do_not_narrow_the_interval():
    once = sampled()
    often = kind(
        "marker", np.tile(once["truth"], 5), np.tile(once["confidence"], 5), [*range(80)] * 5
    )
    assert interval(often) == interval(once)


def test_interval_ends_at_one():
    confidence = [0.1 * n for n in range(8)]
    assert interval(kind("marker", [0, 0, 0, 1, 0, 1, 1, 1], confidence))[1] == 1


def test_few_subjects_have_no_interval():
    table = kind("marker", [0, 1] * 4, [0.1, 0.9] * 4, [0, 0, 1, 1, 2, 2, 3, 3])
    assert only(table)["AUC (95 % interval)"] == "1.0000"


@pytest.mark.parametrize(("truth", "unknown"), [(1, "Specificity"), (0, "Sensitivity")])
def test_kind_on_all_or_no_images_has_neither_area_nor_curve(truth, unknown):
    table = kind("marker", [truth] * 6, [0.2, 0.4, 0.5, 0.6, 0.7, 0.8])
    row = only(table)
    assert [row["AUC (95 % interval)"], row[unknown]] == ["n/a", "n/a"]
    assert [plot.name for plot in presence_plots(run(table))] == ["presence_confidence"]


def test_kinds_keep_their_order():
    table = presence_table(run(sampled("radial_line"), sampled("flow_box")))
    assert [row[0] for row in table.rows] == ["radial_line", "flow_box"]


def test_run_that_looked_for_no_annotation_has_neither_table_nor_plots():
    assert presence_table(run()) is None
    assert presence_plots(run()) == []


def test_curve_is_scikit_learns():
    table = sampled()
    roc, _ = presence_plots(run(table))
    (axes,) = roc.figure.axes
    fpr, tpr, _ = roc_curve(table["truth"], table["confidence"], drop_intermediate=False)
    np.testing.assert_allclose(axes.lines[-1].get_xydata(), np.c_[fpr, tpr])


def test_curves_are_said_to_be_over_images():
    tables = [sampled("marker"), kind("box", [1, 1], [0.9, 0.8])]
    roc, _ = presence_plots(run(*tables))
    area = roc_auc_score(tables[0]["truth"], tables[0]["confidence"])
    assert roc.title == "ROC over images"
    assert roc.alt == f"ROC curves over images, area under the curve: marker {area:.4f}."


def dots(axes):
    return np.concatenate(
        [lane.get_offsets() for lane in axes.collections if len(lane.get_offsets())]
    )


def test_each_image_is_a_dot_in_the_lane_of_its_truth():
    table = sampled()
    _, plot = presence_plots(run(table, sampled("box", seed=1)))
    axes = plot.figure.axes[0]
    x, y = dots(axes).T
    assert sorted(x) == sorted(table["confidence"])
    assert sorted(x[y > 0.5]) == sorted(table.loc[table["truth"] == 1, "confidence"])
    assert (np.abs(y - y.round()) <= 0.4).all()
    assert axes.get_title(loc="left") == "marker"


def test_dots_of_like_confidence_do_not_cover_each_other():
    (plot,) = presence_plots(run(kind("marker", [1] * 50, [1.0] * 50)))
    assert len({tuple(dot) for dot in dots(plot.figure.axes[0]).tolist()}) == 50


def test_words_count_what_is_found():
    table = kind("marker", [1, 1, 0, 0, 0], [0.9, 0.3, 0.6, 0.1, 0.2])
    plot = presence_plots(run(table))[-1]
    assert plot.alt.endswith("marker: 0.5 or more in 1 of 2 with it, 1 of 3 without it.")
