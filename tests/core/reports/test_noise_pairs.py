import pytest

from core.checks import InputError
from core.reports.noise_pairs import noise_pairs, pair_figure, pair_note


def test_pairs_are_shown_in_their_order(removal_run):
    removal_run.add_pairs(count=2)
    pairs = noise_pairs(removal_run.root)
    assert [pair.title for pair in pairs] == ["Pair 1", "Pair 2"]
    names = [view.name for view in pairs[0].views]
    assert names == ["Noisy", "Second noisy", "Clean", "Mask of the first"]
    assert [view.whole[-1, -1, 0] for view in pairs[0].views] == [0, 50, 100, 0]
    assert pairs[0].views[-1].whole[0, 0].tolist() == [255, 255, 255]
    assert pairs[0].detail == "25.00 % of the first image's pixels are changed"


def test_note_holds_the_measured_mean_and_what_is_needed(removal_run):
    removal_run.add_pairs()
    note = pair_note(removal_run.root)
    assert "measured over 200 pairs: +1.50, -0.25, +0.00 grey levels" in note
    assert "+150.00, -25.00, +0.00 over those that it changes" in note
    assert "changes 1.00 % of the pixels" in note
    assert "L2 loss" in note
    assert "fewer than half of the draws" in note


def test_without_a_changed_pixel_nothing_is_said_of_those(removal_run):
    removal_run.add_pairs(mean_noise_changed=None, share_changed=0.0)
    assert "over those" not in pair_note(removal_run.root)


def test_missing_picture_is_named(removal_run):
    removal_run.add_pairs()
    (removal_run.root / "pairs" / "1-target.png").unlink()
    with pytest.raises(InputError, match=r"pairs/1-target\.png"):
        noise_pairs(removal_run.root)


def test_figure_holds_every_picture(removal_run):
    removal_run.add_pairs(count=3)
    (plot,) = pair_figure(noise_pairs(removal_run.root))
    assert plot.name == "pairs"
    assert len(plot.figure.axes[0].images) == 3 * 4


def test_run_without_pairs_has_nothing_to_show(tmp_path):
    assert (noise_pairs(tmp_path), pair_note(tmp_path)) == ([], "")
    assert pair_figure([]) == []
