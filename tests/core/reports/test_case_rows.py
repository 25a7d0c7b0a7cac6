import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.checks import InputError
from core.reports.case_rows import plot_case_rows


@pytest.fixture
def keep(tmp_path):
    """Write pictures of a folder of a run; returns the run."""

    def write(run, folder, names):
        (tmp_path / run / folder).mkdir(parents=True, exist_ok=True)
        for name in names:
            picture = Image.fromarray(np.full((12, 16), 90, np.uint8))
            picture.save(tmp_path / run / folder / f"{name}.png")
        (tmp_path / run / "summary.json").write_text("{}")
        return tmp_path / run

    return write


def headings(plot):
    return [text.get_text() for text in plot.figure.axes[0].texts]


def numbers(*images):
    return [f"{image:06d}" for image in images]


def test_runs_show_what_they_made_of_the_same_images(keep):
    runs = {"a": keep("a", "restored", numbers(3, 5, 8)), "b": keep("b", "restored", numbers(5, 8))}
    shown = headings(plot_case_rows(runs, "Fig. 4"))
    assert shown == ["a", "test image 5", "test image 8", "b", "test image 5", "test image 8"]


def test_at_most_four_images_are_shown_at_even_distances(keep):
    plot = plot_case_rows({"a": keep("a", "restored", numbers(*range(10)))}, "Fig. 4")
    assert headings(plot)[1:] == [f"test image {number}" for number in (0, 3, 6, 9)]


def test_what_the_network_was_given_comes_first(keep):
    for folder in ("restored", "annotated"):
        run = keep("a", folder, numbers(1))
    assert headings(plot_case_rows({"a": run}, "Fig. 4"))[0] == "Input"


def test_an_input_that_is_not_kept_comes_from_the_data(keep):
    grey = np.full((12, 16), 50, np.uint8)
    run = keep("a", "restored", numbers(1))
    plot = plot_case_rows({"a": run}, "Fig. 1", lambda _: lambda _: (grey, None))
    assert headings(plot) == ["Input", "test image 1", "a", "test image 1"]


def test_other_runs_show_their_own_examples(keep):
    runs = {"a": keep("a", "figures", ["outlines"]), "b": keep("b", "figures", ["examples"])}
    plot = plot_case_rows(runs, "Fig. 2")
    assert headings(plot) == ["a", "b"]
    assert plot.alt == "Examples of each row, chosen by its own results: a, b."


def test_a_figure_of_the_runs_may_be_asked_for(keep):
    for folder, names in (("restored", numbers(1)), ("figures", ["outlines", "notable"])):
        run = keep("a", folder, names)
    assert headings(plot_case_rows({"a": run}, "Fig. 5", own="notable")) == ["a"]


def test_runs_without_pictures_have_no_figure(keep):
    assert plot_case_rows({"a": keep("a", "restored", [])}, "Fig. 4") is None


def test_equal_rows_of_different_images_are_not_the_same_image(keep):
    for name in ("a", "b"):
        run = keep(name, "restored", numbers(0, 1))
        names = [f"{name}0", "1"]  # the first row is another image in each
        table = pd.DataFrame({"index": [0, 1], "id": names, "psnr_input": 1.0})
        table.to_csv(run / "restoration.csv", index=False)
    shown = headings(plot_case_rows({"a": run.with_name("a"), "b": run}, "Fig. 4"))
    assert shown == ["a", "test image 1", "b", "test image 1"]


@pytest.fixture
def segmented(tiny_run, mixed_rows):
    """Write a run of each outcome."""
    tiny_run.write(mixed_rows)
    return tiny_run


def test_truth_and_predictions_are_outlined_on_the_same_images(segmented):
    runs = {"a": segmented.root, "b": segmented.root}
    plot = plot_case_rows(runs, "Fig. 4", lambda _: segmented.images)
    table = pd.read_csv(segmented.root / "per_image.csv").set_index("index")
    shown = dict.fromkeys(segmented.read)
    assert {*table.loc[list(shown), "outcome"]} == {"TP", "FN", "FP"}
    assert [text for text in headings(plot) if text in ("a", "b")] == ["a", "b"]
    assert headings(plot)[1 : len(shown) + 1] == headings(plot)[len(shown) + 2 :]
    assert not any(name in plot.alt for name in table["id"].astype(str))  # may name a patient
    assert "test image " in plot.alt
    assert plot.alt.count("Dice 0.000") == 4  # missed and made up, by both


def test_where_the_data_is_not_there_the_runs_own_figures_are_shown(segmented, keep):
    def source(_):
        raise InputError("data: gone")

    run = keep(segmented.root.name, "figures", ["outlines"])
    assert headings(plot_case_rows({"a": run}, "Fig. 4", source)) == ["a"]
