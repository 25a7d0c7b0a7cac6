from core.comparison.boards import common_images, make_boards
from core.comparison.methods import group
from tests.core.comparison.made_runs import classification, removal, segmentation


def methods_of(*runs):
    return group(runs)[0]


def test_the_best_comes_first(tmp_path):
    runs = [segmentation(tmp_path / f"n{k}", off=(k,), noise=0.1 * k) for k in (4, 1, 2)]
    [board] = make_boards(methods_of(*runs))
    assert [method.name for method in board.methods] == ["n1", "n2", "n4"]


def test_simulated_and_real_images_never_share_a_table(tmp_path):
    phantom = segmentation(tmp_path / "phantom")
    real = segmentation(tmp_path / "real", simulated=False, data="bb")
    boards = make_boards(methods_of(phantom, real))
    assert sorted(board.title for board in boards) == [
        "Dice on real images",
        "Dice on simulated images",
    ]


def test_images_that_no_run_calls_real_are_not_shown_as_real(tmp_path):
    [board] = make_boards(methods_of(segmentation(tmp_path / "unknown", simulated=None)))
    assert board.title == "Dice on simulated images"


def test_each_task_has_its_metric(tmp_path):
    runs = [
        make(tmp_path / make.__name__, noise=noise)
        for noise, make in enumerate((segmentation, classification, removal))
    ]
    metrics = {board.ranked_by.metric for board in make_boards(methods_of(*runs))}
    assert metrics == {"test/dice", "test/accuracy", "test/psnr_hvs_m"}


def test_images_of_other_pixels_are_not_common(tmp_path):
    first = segmentation(tmp_path / "a")
    other = segmentation(tmp_path / "b", digest="x", data="bb", source=1)
    assert common_images(*methods_of(first, other)) == []


def test_images_that_bear_other_annotations_are_not_common(tmp_path):
    runs = [segmentation(tmp_path / kind, annotate=kind) for kind in ("flow_box", "radial_line")]
    assert common_images(*methods_of(*runs)) == []


def test_one_source_on_another_grid_is_common_by_name(tmp_path):
    first = segmentation(tmp_path / "a")
    other = segmentation(tmp_path / "b", digest="x", data="bb", size=(96, 96))
    assert len(common_images(*methods_of(first, other))) == 20


def test_only_subjects_that_both_were_tested_on_are_common(tmp_path):
    first = segmentation(tmp_path / "a", subjects=range(6))
    other = segmentation(tmp_path / "b", subjects=range(4, 10), noise=0.1)
    assert common_images(*methods_of(first, other)) == ["4_0", "4_1", "5_0", "5_1"]


def test_each_set_of_test_images_has_its_letter(tmp_path):
    runs = [
        segmentation(tmp_path / f"{k}", noise=k, subjects=range(n))
        for k, n in ((1, 6), (2, 6), (3, 9))
    ]
    [board] = make_boards(methods_of(*runs))
    letters = [board.letter(method) for method in board.methods]
    assert sorted(letters) == ["A", "A", "B"]
