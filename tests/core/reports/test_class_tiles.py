import pytest

from core.reports.class_tiles import class_tiles, confident_mistakes, typical_rights
from core.reports.run_folder import RunFolder
from tests.core.reports.class_run import CLASSES


@pytest.fixture
def run(tested_run):
    return RunFolder.read(tested_run.root)


def test_mistakes_are_the_most_confident_of_different_sequences(run):
    chosen = confident_mistakes(run.classified)
    assert len(chosen) == 8
    assert (chosen["correct"] == 0).all()
    assert chosen["sequence"].is_unique
    assert chosen["confidence"].is_monotonic_decreasing
    assert chosen["confidence"].iloc[0] == run.classified.query("correct == 0")["confidence"].max()


def test_each_class_has_a_right_answer_of_median_confidence(run):
    chosen = typical_rights(run.classified, run.classes)
    assert chosen["truth"].tolist() == list(CLASSES)
    own = run.classified.query("truth == 'A4C' and correct == 1")["confidence"]
    nearest = (own - own.median()).abs().min()
    assert abs(chosen.iloc[2]["confidence"] - own.median()) == nearest


def test_a_class_without_right_answers_is_left_out(run):
    rows = run.classified.query("truth != 'A2C' or correct == 0")
    assert typical_rights(rows, run.classes)["truth"].tolist() == list(CLASSES[1:])


def test_tiles_say_what_was_taken_for_what(run, tested_run):
    mistakes, rights = class_tiles(run, tested_run.images)
    row = confident_mistakes(run.classified).iloc[0]
    first = mistakes.tiles[0]
    assert first.heading == f"{row['truth']}, taken for {row['predicted']}"
    sure = f"confidence {row['confidence']:.2f}"
    assert first.detail == f"{sure}; image {row['id']}, subject {row['subject']}"
    assert first.picture.ndim == 3
    assert [tile.heading for tile in rights.tiles] == list(CLASSES)


def test_only_shown_images_are_read(run, tested_run):
    tested_run.read.clear()
    class_tiles(run, tested_run.images)
    assert len(tested_run.read) == 16


def test_no_mistakes_are_said_so(class_run):
    class_run.images_table = class_run.images_table.query("correct == 1")
    run = RunFolder.read(class_run.write(features=False))
    assert class_tiles(run, class_run.images)[0].note == "None among the test images."
