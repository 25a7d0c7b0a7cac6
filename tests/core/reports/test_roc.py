import pandas as pd
import pytest

from core.reports.roc import mean_roc, plot_class_roc, plot_roc, plot_rows_roc


def curve(group, auc=0.9, structure="nerve"):
    points = {"structure": structure, "group": group, "fpr": [0, 0.1, 1], "tpr": [0, 0.8, 1]}
    return pd.DataFrame(points).assign(auc=auc)


def panels(plot):
    return [axes.get_title(loc="left") for axes in plot.figure.axes]


def words(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_each_group_has_a_panel_with_its_area():
    plot = plot_roc(pd.concat([curve("all"), curve("wrist", 0.97551), curve("forearm", 0.8846)]))
    assert panels(plot) == ["forearm", "wrist"]
    assert [words(axes) for axes in plot.figure.axes] == [["AUC 0.8846"], ["AUC 0.9755"]]
    assert plot.alt.endswith("forearm, AUC 0.8846; wrist, AUC 0.9755.")


def test_curve_is_drawn_as_given():
    (axes,) = plot_roc(curve("all")).figure.axes
    assert axes.lines[-1].get_xydata().tolist() == [[0, 0], [0.1, 0.8], [1, 1]]
    assert axes.get_title(loc="left") == "All test images"


def test_structures_share_a_panel_and_are_named():
    roc = pd.concat([curve("all", 0.9, "nerve"), curve("all", 0.8, "vessel")])
    (axes,) = plot_roc(roc).figure.axes
    assert words(axes) == ["nerve: AUC 0.9000", "vessel: AUC 0.8000"]
    assert len({line.get_color() for line in axes.lines}) == 3  # with the diagonal


@pytest.mark.parametrize("count", range(1, 7))
def test_panels_flow_into_two_columns_and_none_overlap(count):
    plot = plot_roc(
        pd.concat([curve("all"), *(curve(f"HM70A {i}, forearm") for i in range(count))])
    )
    plot.figure.draw_without_rendering()
    boxes = [axes.get_tightbbox() for axes in plot.figure.axes]
    assert len(boxes) == count
    assert len({round(box.x0) for box in boxes}) <= 4  # of two columns, with and without labels
    assert not any(
        a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1
        for i, a in enumerate(boxes)
        for b in boxes[:i]
    )


def test_last_panel_of_each_column_is_labelled_below():
    plot = plot_roc(pd.concat([curve(f"{i}") for i in range(3)]))
    below = [axes.xaxis.label.get_visible() for axes in plot.figure.axes]
    assert below == [False, True, True]


def test_run_without_curves_has_no_figure():
    assert plot_roc(pd.DataFrame()) is None


def test_each_class_has_a_curve_over_all_images():
    roc = pd.concat(
        [curve("all", 0.9, "A2C"), curve("Vivid", 0.7, "A2C"), curve("all", 0.8, "A4C")]
    )
    plot = plot_class_roc(roc, ["A4C", "A2C", "PLAX"])
    (axes,) = plot.figure.axes
    assert words(axes) == ["A4C 0.8000", "A2C 0.9000"]
    assert len(axes.lines) == 3  # with the diagonal
    assert plot.alt.endswith("A4C 0.8000, A2C 0.9000.")


def test_eight_classes_differ_in_colour():
    names = [f"view {number}" for number in range(8)]
    roc = pd.concat([curve("all", 0.9, name) for name in names])
    (axes,) = plot_class_roc(roc, names).figure.axes
    assert len({line.get_color() for line in axes.lines[1:]}) == 8


def test_class_of_which_only_one_kind_was_seen_has_no_curve():
    unknown = curve("all", 0.9, "A2C").assign(fpr=float("nan"), tpr=float("nan"))
    assert plot_class_roc(unknown, ["A2C"]) is None
    assert plot_class_roc(pd.DataFrame(), ["A2C"]) is None


def test_rows_of_one_curve_lie_over_each_other():
    rows = {"wrist": curve("all", 0.9), "forearm": curve("all", 0.8)}
    (axes,) = plot_rows_roc(rows).figure.axes
    assert words(axes) == ["wrist 0.9000", "forearm 0.8000"]


def test_rows_of_several_classes_have_a_panel_each():
    classes = pd.concat([curve("all", structure=f"class {number}") for number in range(8)])
    first, second = plot_rows_roc({"a": classes, "b": classes}).figure.axes
    assert len(words(first)) == len(words(second)) == 8


def test_rows_without_a_curve_are_left_out():
    assert plot_rows_roc({"a": pd.DataFrame()}) is None
    (axes,) = plot_rows_roc({"a": pd.DataFrame(), "b": curve("all")}).figure.axes
    assert words(axes) == ["b 0.9000"]


def test_the_mean_of_runs_is_taken_at_equal_false_positive_rates():
    other = curve("all", 0.7).assign(tpr=[0, 0.4, 1])
    mean = mean_roc([curve("all", 0.9), other, curve("wrist", 0.1)])
    at = mean.set_index(mean["fpr"].round(6))["tpr"]
    assert at[0.1] == pytest.approx(0.6)
    assert at[0.05] == pytest.approx(0.3)
    assert mean["auc"].unique() == pytest.approx([0.8])


def test_no_runs_have_no_mean_curve():
    assert mean_roc([pd.DataFrame()]).empty
