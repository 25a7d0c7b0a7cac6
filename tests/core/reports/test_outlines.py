import numpy as np

from core.reports.outlines import notable_cases, outline_plots, typical_outlines
from core.reports.run_folder import RunFolder


def test_each_group_shows_four_typical_images(tiny_run, grouped_rows):
    tiny_run.write(grouped_rows)
    groups = typical_outlines(RunFolder.read(tiny_run.root), tiny_run.images)
    assert [group.title for group in groups] == sorted({row["test_group"] for row in grouped_rows})
    assert [len(group.tiles) for group in groups] == [4] * 4


def test_structures_and_groups_are_shown_apart(tiny_run):
    truth = np.zeros((48, 64), np.uint8)
    truth[10:20, 10:20], truth[30:40, 30:40] = 1, 2
    rows = tiny_run.add_structures(truth, truth, ["vessel", "nerve"], test_group="wrist")
    tiny_run.write(rows)
    groups = typical_outlines(RunFolder.read(tiny_run.root), tiny_run.images)
    assert [group.title for group in groups] == ["nerve, wrist", "vessel, wrist"]


def test_run_without_groups_shows_all_its_images_as_one(tiny_run, mixed_rows):
    tiny_run.write(mixed_rows)
    (group,) = typical_outlines(RunFolder.read(tiny_run.root), tiny_run.images)
    assert (group.title, len(group.tiles)) == ("All test images", 4)


def test_group_in_which_all_is_missed_says_so(tiny_run, mixed_rows):
    tiny_run.write([row for row in mixed_rows if row["outcome"] == "FN"])
    (group,) = typical_outlines(RunFolder.read(tiny_run.root), tiny_run.images)
    assert (group.note, group.tiles) == ("None among the test images.", [])


def test_kind_without_a_case_keeps_its_rule_and_says_so(tiny_run, grouped_rows):
    tiny_run.write(grouped_rows)
    cases = {c.title: c for c in notable_cases(RunFolder.read(tiny_run.root), tiny_run.images)}
    assert cases["Two masses found"].note.endswith("by Dice. None among the test images.")
    assert [tile.heading for tile in cases["Missed"].tiles] == ["0 of 288 px, empty prediction"]


def test_figures_hold_every_tile_and_name_every_kind(tiny_run, grouped_rows):
    tiny_run.write(grouped_rows)
    run = RunFolder.read(tiny_run.root)
    typical, notable = typical_outlines(run, tiny_run.images), notable_cases(run, tiny_run.images)
    first, second = outline_plots(typical, notable)
    assert (first.name, second.name) == ("outlines", "notable")
    assert len(first.figure.axes[0].images) == 16
    words = [text.get_text() for text in second.figure.axes[0].texts]
    assert "Two masses found: none among the test images" in words
    assert "Missed" in words


def test_run_that_was_not_tested_has_no_outlines(tiny_run):
    tiny_run.write([])
    run = RunFolder.read(tiny_run.root)
    typical, notable = typical_outlines(run, tiny_run.images), notable_cases(run, tiny_run.images)
    assert (typical, notable, outline_plots(typical, notable)) == ([], [], [])
