"""Key numbers and tables of a classification, from a run of known answers."""

import numpy as np
import pytest

from core.reports.class_numbers import class_numbers, class_table, machine_table
from core.reports.run_folder import RunFolder
from tests.core.reports.class_run import CLASSES


@pytest.fixture
def run(tested_run):
    return RunFolder.read(tested_run.root)


def test_numbers_are_the_summarys(run):
    numbers = {number.label: number for number in class_numbers(run)}
    metrics = run.summary["metrics"]
    assert list(numbers) == [
        *("Accuracy", "Sequence accuracy", "Test images", "Precision", "Recall", "AUC")
    ]
    assert numbers["Accuracy"].value == f"{100 * metrics['test/accuracy']:.1f}"
    assert numbers["AUC"].value == f"{metrics['test/auc']:.4f}"


def test_accuracy_is_read_against_the_commonest_class(class_run):
    rare = class_run.images_table.query("truth != 'PLAX' and index % 3 == 0")
    class_run.images_table = class_run.images_table.drop(index=rare.index)
    run = RunFolder.read(class_run.write(features=False))
    share = (run.classified["truth"] == "PLAX").mean()
    assert class_numbers(run)[0].notes == (f"always answering PLAX scores {share:.1%}",)


def test_sequences_are_read_against_theirs_and_the_other_way_to_vote(run):
    by_mean = run.summary["metrics"]["test/sequence_accuracy_mean_probability"]
    assert class_numbers(run)[1].notes == (
        "by majority vote",
        "always answering A2C scores 12.5%",
        f"by mean probability {by_mean:.1%}",
    )


def test_how_much_was_tested_is_said(run):
    amount = class_numbers(run)[2]
    assert (amount.value, amount.notes) == ("240", ("48 sequences of 6 patients",))


def test_intervals_are_over_patients(run):
    low, high = map(float, class_numbers(run)[0].interval.split(" to "))
    assert low < 100 * run.classified["correct"].mean() < high


def test_table_has_a_row_a_class_and_their_means(run):
    table = class_table(run)
    assert [row[0] for row in table.rows] == [*CLASSES, "All"]
    metrics = run.summary["metrics"]
    assert table.rows[3] == [
        *("A5C", "30", f"{metrics['test/A5C/precision']:.1%}"),
        *(f"{metrics['test/A5C/recall']:.1%}", f"{metrics['test/A5C/auc']:.4f}"),
    ]
    assert table.rows[-1][1] == "240"


def test_what_the_summary_does_not_know_is_absent(class_run):
    class_run.write(features=False, metrics={"test/accuracy": 0.5, "test/A2C/auc": None})
    table = class_table(RunFolder.read(class_run.root))
    assert table.rows[0][2:] == ["n/a", "n/a", "n/a"]


def test_machines_have_their_own_accuracies(run):
    table = machine_table(run)
    assert [row[0] for row in table.rows] == ["EPIQ 7", "Vivid E9"]
    own = run.classified[run.classified["device"] == "EPIQ 7"]
    sequences = run.sequences[run.sequences["device"] == "EPIQ 7"]
    areas = run.roc[run.roc["group"] == "EPIQ 7"].drop_duplicates("structure")["auc"]
    assert table.rows[0][1:] == [
        *("120", "3", f"{own['correct'].mean():.1%}"),
        *(f"{sequences['correct_majority'].mean():.1%}", f"{np.mean(areas):.4f}"),
    ]


def test_one_machine_is_no_table(class_run):
    class_run.images_table["device"] = "EPIQ 7"
    assert machine_table(RunFolder.read(class_run.write(features=False))) is None


def test_without_sequences_and_curves_the_images_remain(class_run):
    class_run.write(features=False)
    for name in ("per_sequence", "roc"):
        (class_run.root / f"{name}.csv").unlink()
    run = RunFolder.read(class_run.root)
    assert class_numbers(run)[2].notes == ("of 6 patients",)
    assert machine_table(run).rows[0][-2:] == ["n/a", "n/a"]


def test_another_run_has_neither(tiny_run):
    tiny_run.write([])
    run = RunFolder.read(tiny_run.root)
    assert (class_numbers(run), class_table(run), machine_table(run)) == ([], None, None)
