import numpy as np
import pandas as pd
import pytest

from core.metrics.agreement import bland_altman
from core.reports.run_folder import RunFolder
from core.reports.spine_angle import angle_note, angle_plots

ANGLES = {
    "index": range(5),
    "id": list("abcde"),
    "subject": list("abcde"),
    "truth_deg": [10.0, 20.0, 30.0, 40.0, np.nan],
    "prediction_deg": [11.0, 19.0, 33.0, np.nan, 5.0],
}


@pytest.fixture
def angles(tiny_run):
    """Read a run with these angles and more columns."""

    def read(**columns):
        tiny_run.write([])
        table = pd.DataFrame(ANGLES | columns)
        table.to_csv(tiny_run.root / "spine_angle.csv", index=False)
        return RunFolder.read(tiny_run.root)

    return read


def differences(plot):
    return plot.figure.axes[0].collections[0].get_offsets()[:, 1].tolist()


def test_angles_are_held_against_those_of_the_true_masks(angles):
    (plot,) = angle_plots(angles(), bland_altman)
    assert plot.name == "spine_angle"
    assert differences(plot) == pytest.approx([1, -1, 3])
    assert "3 pairs, spine angle in °: bias 1.0" in plot.alt


def test_known_curves_have_a_plot_of_their_own(angles):
    _, known = angle_plots(angles(cobb_deg=[10.0, 18.0, 30.0, 44.0, 2.0]), bland_altman)
    assert known.name == "spine_angle_known"
    assert differences(known) == pytest.approx([1, 1, 3, 3])


def test_images_without_an_angle_are_counted(angles):
    note = angle_note(angles().spine_angles)
    assert "no radiographic Cobb angle" in note
    assert note.endswith("2 of 5 images have none.")


def test_two_subjects_are_too_few(angles):
    assert angle_plots(angles(subject=list("aabbb")), bland_altman) == []
