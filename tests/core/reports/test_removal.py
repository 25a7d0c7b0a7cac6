import numpy as np
import pandas as pd

from core.reports.numbers import key_numbers
from core.reports.removal import (
    MAIN_KINDS,
    kind_labels,
    kind_table,
    main_kinds,
    removal_plots,
    removal_table,
)
from core.reports.run_folder import RunFolder
from tests.core.reports.removal_run import SCHEMES, RemovalRun


def test_table_holds_input_and_both_schemes_side_by_side(removal_run):
    table = removal_table(removal_run.read())
    assert table.columns == ("Measure", "Input (untouched)", "Noise2Noise", "Noise2Clean")
    spread = np.std(np.arange(12), ddof=1)
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["PSNR-HVS-M (dB)"] == [
        "20.00 ± 0.00",
        f"35.50 ± {spread:.2f}",
        f"30.50 ± {spread:.2f}",
    ]
    assert rows["Dice of the mask"] == ["", "0.900 ± 0.000", "0.600 ± 0.000"]
    assert rows["Dice, one-sided mask"][1][:5] == "0.555"


def test_table_of_one_scheme_has_no_column_for_the_other(lone_run):
    columns = removal_table(lone_run.read()).columns
    assert columns == ("Measure", "Input (untouched)", "Noise2Noise")


def test_noise2noise_stands_first_whichever_the_run_trained(tmp_path):
    run = RemovalRun(tmp_path / "run", SCHEMES[::-1]).read()
    assert run.schemes == ["noise2clean", "noise2noise"]
    table = removal_table(run)
    assert table.columns[2:] == ("Noise2Noise", "Noise2Clean")
    assert [cell[:5] for cell in table.rows[0][2:]] == ["30.50", "35.50"]
    assert key_numbers(run)[0].label == "PSNR-HVS-M, Noise2Clean"


def test_measures_the_run_has_not_have_no_row(removal_run):
    names = [row[0] for row in removal_table(removal_run.read()).rows]
    assert "IoU of the mask" in names
    assert "IoU, one-sided mask" not in names


def test_infinite_psnr_is_left_out_of_its_mean(removal_run):
    psnr = np.array([np.inf, 30.0, 40.0] * 4)
    rows = removal_table(removal_run.read(**{"psnr/noise2noise": psnr})).rows
    assert rows[2] == ["PSNR (dB)", "20.00 ± 0.00", "35.00 ± 5.35", ""]  # 5 sqrt(8 / 7)


def test_kinds_have_rows_of_their_own(removal_run):
    table = kind_table(removal_run.read())
    assert [row[:2] for row in table.rows] == [
        ["Body marker", "4"],
        ["Flow box", "4"],
        ["Nothing", "4"],
    ]
    of_body_markers = np.mean([30, 33, 36, 39])
    assert table.rows[0][3].startswith(f"{of_body_markers:.2f}")
    assert table.rows[0][-2:] == ["0.900 ± 0.000", "0.600 ± 0.000"]


def test_one_kind_has_no_table_by_kind(removal_run):
    assert kind_table(removal_run.read(kinds="label")) is None


def test_sets_of_kinds_are_named_in_words():
    kinds = pd.DataFrame({"kinds": ["body_marker+radial_line", "nothing"]})
    assert kind_labels(kinds).tolist() == ["Body marker + radial line", "Nothing"]


def test_most_frequent_kinds_come_first():
    table = pd.DataFrame({"kinds": [*"aabbbcdef"]})
    assert main_kinds(table) == [*"BACD"]
    assert len(main_kinds(table)) == MAIN_KINDS


def test_diagram_joins_input_and_both_outputs(removal_run):
    quality, _ = removal_plots(removal_run.read())
    lines, *marks = quality.figure.axes[0].collections
    assert [mark.get_offsets()[0, 1] for mark in marks] == [20.0, 30.0, 25.0]
    assert lines.get_segments()[0][:, 1].tolist() == [20.0, 30.0]
    assert "median 20.00 dB untouched; 35.50 by Noise2Noise, higher in 12;" in quality.alt


def test_schemes_are_held_against_each_other_by_dice(removal_run):
    _, duel = removal_plots(removal_run.read())
    axes = duel.figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Dice, Noise2Clean", "Dice, Noise2Noise")
    points = np.concatenate([of_kind.get_offsets() for of_kind in axes.collections])
    assert np.allclose(points, np.tile([0.6, 0.9], (12, 1)))
    assert duel.alt.endswith("Noise2Noise higher in 12, lower in 0 of 12.")


def test_kinds_beyond_the_main_ones_are_drawn_together(removal_run):
    kinds = ["a", "a", "b", "b", "c", "c", "d", "d", "e", "f", "g", "h"]
    axes = removal_plots(removal_run.read(kinds=kinds))[1].figure.axes[0]
    assert [len(each.get_offsets()) for each in axes.collections] == [2, 2, 2, 2, 4]
    assert axes.collections[-1].get_label() == "Others"


def test_single_scheme_has_no_duel(lone_run):
    assert [plot.name for plot in removal_plots(lone_run.read())] == ["removal_quality"]


def test_key_number_is_read_against_the_untouched_input(removal_run):
    number = key_numbers(removal_run.read())[0]
    assert (number.label, number.value) == ("PSNR-HVS-M, Noise2Noise", "35.50")
    assert number.notes == ("untouched input 20.00 dB", "Noise2Clean 30.50 dB")
    low, high = map(float, number.interval.split(" to "))
    assert low < 35.5 < high


def test_run_that_removes_nothing_has_no_numbers(tiny_run):
    tiny_run.write([], metrics={"test/dice": 0.5})
    run = RunFolder.read(tiny_run.root)
    assert (removal_table(run), kind_table(run), removal_plots(run)) == (None, None, [])
    assert [number.label for number in key_numbers(run)] == ["Dice"]
