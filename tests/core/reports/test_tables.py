import pandas as pd
import pytest

from core.checks import InputError
from core.reports.run_folder import RunFolder
from core.reports.tables import (
    facts_table,
    metric_table,
    reference_table,
    split_table,
    subject_table,
)


def test_our_number_is_brought_into_the_papers_unit():
    table = reference_table([{"label": "Dice (%)", "paper": 61.83, "ours": 0.624, "scale": 100}])
    assert table.rows == [["Dice (%)", "61.83", "62.40"]]


def test_reference_may_be_a_frame_and_names_the_papers_table():
    frame = pd.DataFrame({"label": ["Dice"], "paper": [0.6], "ours": [None], "table": ["Table 1"]})
    table = reference_table(frame)
    assert table.columns == ("Measure", "Paper", "Ours", "In the paper")
    assert table.rows == [["Dice", "0.60", "n/a", "Table 1"]]


def test_reference_without_our_number_is_refused():
    with pytest.raises(
        InputError, match="reference: expected 'ours' in each row, got label, paper"
    ):
        reference_table([{"label": "Dice", "paper": 0.6}])


def test_split_counts_images_and_subjects(tiny_run):
    tiny_run.write([])
    rows = ["index,id,subject,stage", "0,a,01,train", "1,b,01,train", "2,c,2,test"]
    (tiny_run.root / "split.csv").write_text("\n".join(rows))
    table = split_table(RunFolder.read(tiny_run.root))
    assert table is not None
    assert table.rows == [["train", "2", "1"], ["test", "1", "1"]]


def test_split_falls_back_on_the_summary(tiny_run):
    tiny_run.write([], data={"images": {"train": 7}})
    table = split_table(RunFolder.read(tiny_run.root))
    assert table is not None
    assert (table.columns, table.rows) == (("Stage", "Images"), [["train", "7"]])


def test_subjects_are_sorted_by_dice_and_counted_by_outcome():
    images = pd.DataFrame(
        {
            "subject": ["a", "b", "b", "b"],
            "outcome": ["TN", "TP", "FN", "FP"],
            "dice": [1.0, 0.6, 0.0, 0.0],
        }
    )
    assert subject_table(images).rows == [
        ["b", "3", "0.200", "0.600", "1", "1", "1", "0"],
        ["a", "1", "1.000", "n/a", "0", "0", "0", "1"],
    ]


def test_metrics_are_listed_by_name_with_undefined_ones():
    table = metric_table({"metrics": {"test/hd_mm": None, "test/dice": 0.61834}})
    assert table is not None
    assert table.rows == [["test/dice", "0.6183"], ["test/hd_mm", "n/a"]]


def test_facts_say_units_and_leave_out_what_is_unknown():
    summary = {
        "parameters": 1858972,
        "seconds": {"fit": 600.0, "test": None, "step": 0.21},
        "git": {"commit": "f52320690a1be77", "dirty": True},
        "device": {"type": "cuda", "name": "H200", "count": 2},
        "epochs": 24,
        "best_epoch": 0,
    }
    assert facts_table(summary).rows == [
        ["Parameters", "1,858,972"],
        ["Epochs", "24, weights of epoch 0 kept"],
        ["Time", "training 10 min, a step 210 ms"],
        ["Device", "2 devices, H200"],
        ["Commit", "f52320690a1b with uncommitted changes"],
    ]


def test_inference_time_says_how_it_was_measured():
    inference = {"ms_per_image": 9.934, "how": "network alone, cpu"}
    rows = dict(facts_table({"inference": inference}).rows)
    assert rows == {"Inference": "9.93 ms an image (network alone, cpu)"}
