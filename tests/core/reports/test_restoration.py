import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.checks import InputError
from core.metrics.agreement import bland_altman
from core.reports.restoration import restoration_plots, restoration_table, restored_cases
from core.reports.restored_figure import plot_cases
from core.reports.run_folder import REFERENCES, RESTORED, RunFolder, picture_path
from core.reports.spine_angle import angle_note, angle_plots

SIZE = (160, 40)  # of the source's images; the network's are half as large
GAINS = (3.0, 7.0, 1.0, 5.0, 4.0)


def save(pixels, path):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def restored_run(tiny_run):
    """Five images of which bone between rows 60 and 100 was restored; image 1 gained the most."""
    truth = np.zeros(SIZE, np.uint8)
    truth[60:80, 5:35], truth[80:100, 5:35] = 1, 2
    rows, known = [], []
    for number, gain in enumerate(GAINS):
        rows += tiny_run.add_structures(truth, truth, ["rib", "lumbar"], f"s{number}")
        view = np.full((80, 20), 90, np.uint8)
        save(view, picture_path(tiny_run.root, REFERENCES, number))
        view[32:48] = 40
        save(view, picture_path(tiny_run.root, RESTORED, number))
        levels = {"psnr_input": 20.0, "psnr_restored": 20 + gain, "ssim_input": 0.5}
        levels |= {"ssim_restored": 0.75, "edge_input": 8.0, "edge_restored": 8 - gain}
        levels |= {"edge_reference": 1.0, "detail_change": 2 / 255, "detail_loss": 0.25}
        known.append({"index": number, "id": f"im{number}", "subject": f"s{number}", **levels})
    tiny_run.write(rows)
    tiny_run.known = pd.DataFrame(known)
    return tiny_run


def read(run, **columns):
    """Write restoration.csv with these columns changed, and read the folder."""
    run.known.assign(**columns).to_csv(run.root / "restoration.csv", index=False)
    return RunFolder.read(run.root)


UNKNOWN = dict.fromkeys(("psnr_input", "psnr_restored", "ssim_input", "ssim_restored"), np.nan)


def test_best_median_and_worst_are_shown(restored_run):
    cases = restored_cases(read(restored_run), restored_run.images)
    assert [case.title for case in cases] == [
        "Largest gain in PSNR",
        "Median gain in PSNR",
        "Smallest gain in PSNR",
    ]
    assert restored_run.read == [1, 4, 2]
    assert cases[0].detail == (
        "Image im1, s1; PSNR 20.0 to 27.0 dB; SSIM 0.500 to 0.750; edges 8.00 to 1.00"
    )


def test_without_references_the_removal_of_edges_decides(restored_run):
    run = read(restored_run, **UNKNOWN)
    for number in range(len(GAINS)):
        picture_path(run.root, REFERENCES, number).unlink()
    cases = restored_cases(run, restored_run.images)
    assert cases[0].title == "Largest removal of edges"
    assert cases[0].detail == "Image im1, s1; edges 8.00 to 1.00"
    assert [view.name for view in cases[0].views] == ["Observation", "Restored", "Outlines"]


def test_an_image_is_shown_once(restored_run):
    restored_run.known = restored_run.known[:1]
    (case,) = restored_cases(read(restored_run), restored_run.images)
    assert case.title == "Largest gain in PSNR"


def test_views_show_the_same_parts_at_one_size(restored_run):
    case = restored_cases(read(restored_run), restored_run.images)[0]
    names = [view.name for view in case.views]
    assert names == ["Observation", "Restored", "Noise-free", "Outlines"]
    assert {view.whole.shape for view in case.views} == {(960, 240, 3)}
    assert [view.name for view in case.detailed] == names[:3]
    assert len({tuple(part.shape for part in view.details) for view in case.detailed}) == 1
    observed, restored, reference = case.detailed
    assert observed.details[0].mean() > restored.details[0].mean() + 20
    assert np.array_equal(observed.details[0], reference.details[0])


def test_details_are_where_bone_was_changed(restored_run):
    """The frames of the observation lie around rows 60 to 100 of 160: 360 to 600 of 960."""
    observation = restored_cases(read(restored_run), restored_run.images)[0].views[0]
    framed = np.flatnonzero((observation.whole != 90).any(axis=(1, 2)))
    assert framed.min() > 360 - 115
    assert framed.max() < 600 + 115


def test_where_nothing_was_changed_there_are_no_details(restored_run):
    run = read(restored_run)
    for number in range(len(GAINS)):
        save(np.full((80, 20), 90, np.uint8), picture_path(run.root, RESTORED, number))
    case = restored_cases(run, restored_run.images)[0]
    assert case.detailed == []
    assert len(plot_cases([case])) == 1


def test_missing_restored_image_is_named(restored_run):
    run = read(restored_run)
    picture_path(run.root, RESTORED, 1).unlink()
    with pytest.raises(InputError, match="restored/000001.png: expected the restored image"):
        restored_cases(run, restored_run.images)


def test_figure_holds_every_picture(restored_run):
    cases = restored_cases(read(restored_run), restored_run.images)
    (figure,) = plot_cases(cases)
    pictures = sum(len(view.details) + 1 for case in cases for view in case.views)
    assert len(figure.figure.axes[0].images) == pictures
    assert all(case.detail in figure.alt for case in cases)


def test_table_holds_means_and_spreads(restored_run):
    table = restoration_table(read(restored_run))
    psnr, ssim, edges, change, loss = table.rows
    assert psnr[1:] == ["20.00 ± 0.00", f"24.00 ± {np.std(GAINS, ddof=1):.2f}", ""]
    assert ssim[1:3] == ["0.5000 ± 0.0000", "0.7500 ± 0.0000"]
    assert edges[3] == "1.00 ± 0.00"
    assert change[1:3] == ["0", "2.00 ± 0.00"]
    assert loss[2] == "0.250 ± 0.000"


def test_what_is_unknown_has_no_row_and_no_diagram(restored_run):
    run = read(restored_run, **UNKNOWN)
    assert [row[0].split()[0] for row in restoration_table(run).rows] == ["Edges", "Change", "The"]
    assert [plot.name for plot in restoration_plots(run)] == ["restoration_edge"]


def test_diagram_joins_each_image_before_and_after(restored_run):
    psnr, edge = restoration_plots(read(restored_run))
    lines, before, after = psnr.figure.axes[0].collections
    assert len(lines.get_segments()) == len(GAINS)
    assert before.get_offsets()[:, 1].tolist() == [20.0] * 5
    assert sorted(after.get_offsets()[:, 1]) == sorted(20 + gain for gain in GAINS)
    assert "median 20.00 dB before and 24.00 after; higher in 5" in psnr.alt
    assert "lower in 5" in edge.alt
    assert len(edge.figure.axes[0].collections) == 4


def test_run_that_restores_nothing_has_no_section(tiny_run):
    tiny_run.write([])
    run = RunFolder.read(tiny_run.root)
    assert (restored_cases(run, tiny_run.images), restoration_plots(run)) == ([], [])
    assert restoration_table(run) is None
    assert plot_cases([]) == []
    assert (angle_plots(run, bland_altman), angle_note(run.spine_angles)) == ([], "")
