import json
import math
import statistics

import numpy as np
import pandas as pd
import pytest

from core.experiments import read_experiment
from core.experiments.collect import collect
from core.experiments.evidence import Evidence
from core.experiments.layout import data_kind
from core.experiments.spec import Done
from core.statistics import subject_intervals

NOISE = "model.network.act.noise"
DICE = {0.0: [0.50, 0.55, 0.63], 0.1: [0.70, 0.72, 0.68]}
PEOPLE = [f"s{number // 2}" for number in range(16)]  # eight, with two images each


@pytest.fixture
def lines(project, table, tmp_path):
    """Collect runs that a function writes, by number, of the cells of a size."""

    def collect_runs(write, size="paper", **keys):
        experiment = read_experiment(project, table(**keys))
        done = []
        for number, cell in enumerate(experiment.cells(experiment.sizes[size])):
            run = write(tmp_path / f"run{number}", cell)
            if run is not None:
                done.append(Done(row=cell.row, repeat=cell.repeat, run=run))
        return collect(experiment, experiment.sizes[size], Evidence(done))

    return collect_runs


@pytest.fixture
def of_runs(write_run):
    """Write runs with these values of Dice by row, None for none; they keep no images."""

    def make(dice=DICE):
        values = {noise: iter(found) for noise, found in dice.items()}

        def write(folder, cell):
            value = next(values[cell.row[NOISE]])
            return None if value is None else write_run(folder, {"test/dice": value})

        return write

    return make


@pytest.fixture
def of_images(write_images):
    """Write runs whose images' Dice is that of their row, beside noise of image and training."""

    def make(shift=0.3, subjects=PEOPLE, other=None):
        rng = np.random.default_rng(0)

        def write(folder, cell):
            dice = 0.4 + shift * (cell.row[NOISE] > 0) + rng.normal(0, 0.02, len(subjects))
            people = other if other and cell.row[NOISE] else subjects
            return write_images(folder, list(dice + rng.normal(0, 0.01)), people)

        return write

    return make


def dice(line):
    return line.numbers["test/dice"]


def test_a_row_is_mean_and_deviation_over_its_repetitions(lines, of_runs):
    for line, values in zip(lines(of_runs()), DICE.values(), strict=True):
        assert dice(line).mean == pytest.approx(100 * statistics.mean(values))
        assert dice(line).sd == pytest.approx(100 * statistics.stdev(values))
        assert (dice(line).runs, line.expected) == (3, 3)


def test_runs_that_failed_are_missing_and_one_has_no_deviation(lines, of_runs):
    first, _ = lines(of_runs({0.0: [None, 0.5, None], 0.1: DICE[0.1]}))
    assert dice(first).mean == 50
    assert math.isnan(dice(first).sd)
    assert len(first.done) == 1


def test_a_row_without_any_run_stays_in_the_table(lines, of_runs):
    first, _ = lines(of_runs({0.0: [None] * 3, 0.1: DICE[0.1]}))
    assert (first.row, first.done, first.expected) == ({NOISE: 0.0}, (), 3)
    assert math.isnan(dice(first).mean)


def test_rows_of_other_sizes_come_last(lines, of_runs):
    sizes = {"small": {"rows": {NOISE: [0.1]}}}
    found = lines(of_runs(), "small", sizes=sizes)
    assert [(line.row[NOISE], line.expected) for line in found] == [(0.1, 3), (0.0, 0)]


def test_the_interval_resamples_subjects_of_the_means_over_repetitions(lines, of_images):
    first, _ = lines(of_images())
    runs = [pd.read_csv(each.run / "per_image.csv") for each in first.done]
    mean = pd.concat(runs).groupby(["subject", "id"])["dice"].mean().reset_index()
    low, high = subject_intervals(mean[["dice"]], mean["subject"])["dice"]
    assert (dice(first).low, dice(first).high) == pytest.approx((100 * low, 100 * high))
    assert (dice(first).images, dice(first).subjects) == (16, 8)


def test_what_is_no_mean_over_images_has_no_interval(lines, of_runs):
    assert all(math.isnan(dice(line).low) and not dice(line).images for line in lines(of_runs()))


def test_rows_are_held_against_the_best_on_the_same_images(lines, of_images):
    first, second = lines(of_images())
    assert (dice(first).best, dice(second).best) == (False, True)
    assert dice(first).p < 0.05
    assert math.isnan(dice(second).p)


def test_rows_that_differ_by_noise_have_a_large_p_value(lines, of_images):
    assert min(dice(line).p for line in lines(of_images(shift=0.0)) if not dice(line).best) > 0.05


def test_rows_tested_on_different_images_are_not_held_against_each_other(lines, of_images):
    found = lines(of_images(other=[f"other{name}" for name in PEOPLE]))
    assert not any(dice(line).best for line in found)
    assert all(math.isnan(dice(line).p) for line in found)


def test_one_training_a_row_tests_nothing(lines, of_images):
    found = lines(of_images(), "small")
    assert all(math.isnan(dice(line).p) for line in found)


def test_smaller_is_better_where_the_metric_says_so(lines, write_run):
    columns = {"test/hd_px": {"name": "HD"}, "parameters": {"name": "Parameters"}}

    def write(folder, cell):
        run = write_run(folder, {"test/hd_px": 5 + cell.row[NOISE]})
        summary = json.loads((run / "summary.json").read_text())
        (run / "summary.json").write_text(json.dumps({**summary, "parameters": 491879}))
        return run

    first, second = lines(write, columns=columns)
    assert first.numbers["test/hd_px"].best
    assert not second.numbers["test/hd_px"].best
    assert first.numbers["parameters"].mean == 491879
    assert math.isnan(second.numbers["parameters"].p)


def test_epochs_to_converge_are_counted_from_the_curve(lines, of_runs):
    found = lines(of_runs(), columns={"epochs_to_converge": {"name": "Epochs"}})
    means = [line.numbers["epochs_to_converge"].mean for line in found]
    assert means == [3, 3]  # 0.1, 0.5, 0.6: the third is the best


def test_a_row_knows_whether_its_images_are_simulated(lines, write_run):
    def write(folder, cell):
        return write_run(folder, {"test/dice": 0.5}, simulated=cell.repeat["data.split.fold"] > 0)

    first, _ = lines(write)
    assert first.simulated == {True, False}


def test_a_run_that_is_silent_on_its_images_is_not_taken_for_real(lines, write_run):
    first, _ = lines(lambda folder, _: write_run(folder, {"test/dice": 0.5}, simulated=None))
    assert first.simulated == {None}
    assert data_kind(first) == "perhaps SIMULATED"


def test_all_that_are_the_best_are_marked(lines, of_runs):
    found = lines(of_runs({0.0: [0.5] * 3, 0.1: [0.5] * 3}))
    assert all(dice(line).best and math.isnan(dice(line).p) for line in found)


@pytest.mark.parametrize("fact", ["train_images", "inference_ms"])
def test_counts_and_times_have_no_best(lines, write_run, fact):
    def write(folder, cell):
        run = write_run(folder, {"test/dice": 0.5})
        number = 9 * (1 + cell.row[NOISE])
        facts = {"data": {"images": {"train": number}}, "inference": {"ms_per_image": number}}
        (run / "summary.json").write_text(json.dumps({"metrics": {"test/dice": 0.5}, **facts}))
        return run

    found = lines(write, columns={fact: {"name": "Fact"}})
    assert len({line.numbers[fact].mean for line in found}) == len(found) == 2
    assert not any(line.numbers[fact].best for line in found)
