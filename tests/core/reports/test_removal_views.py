import numpy as np
import pytest
from PIL import Image

from core.checks import InputError
from core.reports.contours import PREDICTION_RGB, TRUTH_RGB
from core.reports.removal_views import GAIN, _outlined, removal_cases, removal_figure
from core.reports.run_folder import RunFolder
from tests.core.reports.removal_run import SCHEMES, RemovalRun

ENLARGED = 512 // 32
CORNER = np.s_[-3 * ENLARGED : -ENLARGED, ENLARGED : 3 * ENLARGED]  # darkened by the rival alone


def views(case):
    return {view.name: view.whole for view in case.views}


def test_median_and_worst_of_each_kind_are_shown(removal_run):
    cases = removal_cases(removal_run.read())
    assert [(case.title, case.detail.split(",")[0]) for case in cases] == [
        ("Body marker, median", "Image im6"),
        ("Body marker, worst", "Image im0"),
        ("Flow box, median", "Image im7"),
        ("Flow box, worst", "Image im1"),
        ("Nothing, median", "Image im8"),
        ("Nothing, worst", "Image im2"),
    ]
    assert cases[1].detail == (
        "Image im0, subject s0; PSNR-HVS-M untouched 20.0, Noise2Noise 30.0, Noise2Clean 25.0 dB; "
        "Dice Noise2Noise 0.900, Noise2Clean 0.600"
    )


def test_an_image_is_shown_once(removal_run):
    removal_run.table = removal_run.table[:1]
    assert [case.title for case in removal_cases(removal_run.read())] == ["Body marker, median"]


def test_views_stand_in_two_rows_that_belong_together(removal_run):
    names = [view.name for view in removal_cases(removal_run.read())[0].views]
    assert names[:4] == ["Input", "Noise2Noise", "Noise2Clean", "Clean"]
    assert names[4:] == [
        "Mask, Noise2Noise",
        f"Removed by Noise2Noise x{GAIN}",
        f"Removed by Noise2Clean x{GAIN}",
        f"Annotation x{GAIN}",
    ]


def test_views_of_one_scheme_are_six_of_one_size(lone_run):
    case = removal_cases(lone_run.read())[0]
    assert len(case.views) == 6
    assert {view.whole.shape for view in case.views} == {(384, 512, 3)}


def test_own_output_is_the_restored_one_also_of_noise2clean(tmp_path):
    drawn = views(removal_cases(RemovalRun(tmp_path / "run", SCHEMES[::-1]).read())[1])
    assert "Mask, Noise2Clean" in drawn
    assert np.array_equal(drawn["Noise2Clean"][CORNER], drawn["Clean"][CORNER])
    assert (drawn["Noise2Noise"][CORNER] < drawn["Clean"][CORNER]).all()


def test_removed_is_the_brightened_difference(removal_run):
    drawn = views(removal_cases(removal_run.read())[1])
    assert (drawn[f"Removed by Noise2Clean x{GAIN}"][CORNER] == 10 * GAIN).all()
    assert (drawn[f"Removed by Noise2Noise x{GAIN}"][CORNER] == 0).all()
    inside = np.s_[6 * ENLARGED : 8 * ENLARGED, 7 * ENLARGED : 10 * ENLARGED]
    assert (drawn[f"Annotation x{GAIN}"][inside] == 255).all()


def test_colours_are_kept(removal_run):
    picture = views(removal_cases(removal_run.read())[1])["Input"]
    assert picture[7 * ENLARGED, 8 * ENLARGED].tolist() == [240, 200, 60]


@pytest.mark.parametrize("line", [np.s_[10:12, 4:60], np.s_[4:60, 10:12], "diagonal"])
def test_both_outlines_of_a_thin_mark_are_seen_where_they_agree(line):
    mask = np.zeros((64, 64), np.uint8)
    if line == "diagonal":
        mask = np.eye(64, dtype=np.uint8)[::-1].copy()
    else:
        mask[line] = 1
    picture = _outlined(np.full((64, 64, 3), 60, np.uint8), mask, mask)
    truth, found = (
        np.count_nonzero((picture == colour).all(axis=2)) for colour in (TRUTH_RGB, PREDICTION_RGB)
    )
    assert 1 / 2 < truth / found < 2


def test_missing_picture_is_named(removal_run):
    run = removal_run.read()
    (run.root / "rival" / "000006.png").unlink()
    with pytest.raises(InputError, match=r"rival/000006\.png: expected the restored image"):
        removal_cases(run)


def test_picture_of_another_size_is_refused(removal_run):
    run = removal_run.read()
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(run.root / "reference" / "000006.png")
    with pytest.raises(InputError, match=r"expected shape \(24, 32, 3\)"):
        removal_cases(run)


def test_figure_holds_every_picture(removal_run):
    cases = removal_cases(removal_run.read())
    (plot,) = removal_figure(cases)
    assert plot.name == "removal"
    assert len(plot.figure.axes[0].images) == 6 * 8
    assert "Removed by\nNoise2Clean x4" in [text.get_text() for text in plot.figure.axes[0].texts]


def test_run_that_removes_nothing_has_no_pictures(tiny_run):
    tiny_run.write([])
    assert removal_figure(removal_cases(RunFolder.read(tiny_run.root))) == []
