import numpy as np
import pytest

from core.checks import InputError
from core.reports.contours import TRUTH_RGB
from core.reports.contradictions import Frame, Pair, plot_contradictions


def frame(name, *, labelled, size=(60, 80)):
    mask = np.zeros(size, np.uint8)
    if labelled:
        mask[10:30, 10:30] = 1
    return Frame(image=np.full(size, 90, np.uint8), mask=mask, name=name)


def pair(**options):
    left, right = frame("1_1", labelled=True, **options), frame("1_2", labelled=False)
    return Pair(left=left, right=right, heading="subject 1, distance 0.0012")


def pictures(plot):
    return [axes.get_images()[0].get_array() for axes in plot.figure.axes if axes.get_images()]


def test_each_pair_is_one_picture_with_both_frames():
    plot = plot_contradictions([pair()] * 5, "Pairs")
    assert len(pictures(plot)) == 5
    assert pictures(plot)[0].shape == (360, 2 * 480 + 8, 3)


def test_only_the_labelled_frame_is_outlined_and_not_filled():
    picture = pictures(plot_contradictions([pair()], "Pairs"))[0]
    outlined = (picture == TRUTH_RGB).all(axis=-1)
    assert outlined[:, :480].any()
    assert not outlined[:, 488:].any()
    assert (picture[120, 120] == 90).all()  # inside the label


def test_frames_of_different_height_share_a_row():
    picture = pictures(plot_contradictions([pair(size=(80, 80))], "Pairs"))[0]
    assert picture.shape == (480, 2 * 480 + 8, 3)


def test_figure_says_in_words_what_it_shows(tmp_path):
    plot = plot_contradictions([pair()], "Pairs (simulated images)")
    assert plot.alt.startswith("Pairs (simulated images): 1 pairs")
    assert "1_1 400 px, 1_2 labelled empty" in plot.alt
    assert plot.save(tmp_path).stat().st_size > 1000


def test_no_pairs_are_refused():
    with pytest.raises(InputError, match="pairs: expected at least one, got none"):
        plot_contradictions([], "Pairs")
