import json

import numpy as np
import pandas as pd
import pytest

from core.experiments.claims import read_claim
from core.experiments.judge import judge
from core.experiments.spec import Column, Done, Experiment, Size

TRAININGS = 3
NOISE = 0.01


@pytest.fixture
def runs(tmp_path):
    """Write tested runs of rows, whose images have these mean values of Dice; returns them."""

    def write(means, *, subjects=12, trainings=TRAININGS, noise=NOISE, prefix="s", **metrics):
        rng, done = np.random.default_rng(0), []
        people = [f"{prefix}{number}" for number in range(subjects)]
        easy = rng.normal(0, 0.05, subjects)
        for row, mean in means.items():
            for seed in range(trainings):
                values = mean + easy + rng.normal(0, noise, subjects) + rng.normal(0, noise)
                own = {"test/dice": values.mean(), "test/auc": values.mean()}
                own |= {name: by_row[row] for name, by_row in metrics.items()}
                folder = tmp_path / f"{row}{seed}{prefix}"
                folder.mkdir()
                summary = {"metrics": own, "parameters": own.get("parameters")}
                (folder / "summary.json").write_text(json.dumps(summary))
                table = {"id": people, "subject": people, "structure": "x", "dice": values}
                pd.DataFrame({**table, "outcome": "TP"}).to_csv(folder / "per_image.csv")
                done.append(Done(row={"net": row}, repeat={"seed_everything": seed}, run=folder))
        return done

    return write


def experiment(*claims, nets=("A", "B"), **repeats):
    """An experiment of these rows and claims; every claim says something of Dice."""
    said = {"says": "so it is", "where": "Table 9", "metric": "test/dice"}
    columns = [("test/dice", 100.0), ("test/auc", 1.0), ("parameters", 0.001)]
    columns += [("inference_ms", 1.0)]
    return Experiment(
        name="table9",
        title="Table 9",
        where={},
        rows={"net": list(nets)},
        repeats=repeats,
        columns=tuple(Column(metric=name, name=name, scale=scale) for name, scale in columns),
        sizes={},
        overlays={},
        claims=tuple(read_claim({**said, **claim}) for claim in claims),
    )


HIGHER = {"higher": {"net": "A"}, "than": {"net": "B"}}
LOWER = {"lower": {"net": "A"}, "than": {"net": "B"}}


def word(claim, done, **keys):
    [verdict] = judge(experiment(claim, **keys), done)
    return verdict.word


@pytest.mark.parametrize(
    ("a", "b", "claim", "expected"),
    [
        (0.9, 0.8, HIGHER, "holds"),
        (0.8, 0.9, HIGHER, "does not hold"),
        (0.8, 0.9, LOWER, "holds"),
        (0.801, 0.8, HIGHER, "within noise"),
    ],
)
def test_a_claim_of_higher_or_lower(runs, a, b, claim, expected):
    assert word(claim, runs({"A": a, "B": b})) == expected


@pytest.mark.parametrize(
    ("a", "within", "expected"),
    [(0.801, 0.05, "holds"), (0.9, 0.05, "does not hold"), (0.801, 0.005, "within noise")],
)
def test_a_claim_of_the_same(runs, a, within, expected):
    claim = {"same": {"net": "A"}, "as": {"net": "B"}, "within": within}
    assert word(claim, runs({"A": a, "B": 0.8})) == expected


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ({**HIGHER, "times": 1.5}, "holds"),
        ({**HIGHER, "times": 3}, "does not hold"),
        ({"lower": {"net": "B"}, "than": {"net": "A"}, "times": 1.5}, "holds"),
        ({"lower": {"net": "B"}, "than": {"net": "A"}, "times": 3}, "does not hold"),
    ],
)
def test_a_claim_of_so_many_times(runs, claim, expected):
    assert word(claim, runs({"A": 0.8, "B": 0.4})) == expected


def test_why_gives_the_numbers_in_the_tables_unit(runs):
    [verdict] = judge(experiment(HIGHER), runs({"A": 0.9, "B": 0.8}))
    found = verdict.comparisons[0].comparison
    assert verdict.why == (
        f"{100 * found.first:.1f} against {100 * found.second:.1f}: {100 * found.difference:.1f} "
        f"higher ({100 * found.low:.1f} to {100 * found.high:.1f}), p < 0.001, 12 subjects, "
        "3 trainings each"
    )


def test_all_of_several_comparisons_must_hold(runs):
    claim = {"higher": {"net": "A"}, "than": {}}
    [verdict] = judge(experiment(claim, nets="ABC"), runs({"A": 0.9, "B": 0.8, "C": 0.9}))
    assert [one.word for one in verdict.comparisons] == ["holds", "within noise"]
    assert verdict.word == "within noise"
    assert verdict.why.startswith("in 1 of 2 comparisons; A beside C: ")


def test_what_speaks_for_a_claim_of_several_comparisons_is_tested_as_if_alone(runs):
    done = runs({"A": 0.81, "B": 0.8, "C": 0.8})
    [alone] = judge(experiment(HIGHER, nets="ABC"), done)
    [several] = judge(experiment({"higher": {"net": "A"}, "than": {}}, nets="ABC"), done)
    assert several.comparisons[0].p == alone.comparisons[0].p


def test_what_speaks_against_it_is_corrected_for_their_number(runs):
    done = runs({"A": 0.81, "B": 0.8, "C": 0.7})
    [alone] = judge(experiment(LOWER, nets="ABC"), done)
    [several] = judge(experiment({"lower": {"net": "A"}, "than": {}}, nets="ABC"), done)
    assert several.comparisons[0].p == alone.comparisons[0].p  # the larger of both
    assert several.comparisons[1].p == 2 * several.comparisons[1].comparison.p


def test_pooled_claims_compare_means_over_rows(runs):
    claim = {"higher": {"net": ["A", "B"]}, "than": {"net": ["C", "D"]}, "pooled": True}
    done = runs({"A": 0.9, "B": 0.8, "C": 0.6, "D": 0.5})
    [verdict] = judge(experiment(claim, nets="ABCD"), done)
    [judged] = verdict.comparisons
    assert judged.comparison.runs == (6, 6)
    assert judged.comparison.difference == pytest.approx(0.3, abs=0.03)
    assert judged.first == "the mean of 2 rows"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"trainings": 1}, "trained once each: how much trainings scatter is unknown"),
        ({"subjects": 5}, "5 test subjects: fewer than 6 prove nothing"),
    ],
)
def test_too_little_data_is_said(runs, keys, message):
    [verdict] = judge(experiment(HIGHER), runs({"A": 0.9, "B": 0.8}, **keys))
    assert (verdict.word, verdict.why) == ("cannot be tested with this data", message)


def test_six_subjects_can_hold_a_claim_of_several_comparisons(runs):
    claims = experiment({"higher": {"net": "A"}, "than": {}}, nets="ABC")
    [verdict] = judge(claims, runs({"A": 0.9, "B": 0.7, "C": 0.7}, subjects=6))
    assert verdict.word == "holds"


def test_a_row_without_tested_runs_is_named(runs):
    [verdict] = judge(experiment(HIGHER), runs({"A": 0.9}))
    assert (verdict.word, verdict.why) == (
        "cannot be tested with this data",
        "no tested run of B",
    )


def test_rows_that_a_size_leaves_out_cannot_be_tested(runs):
    claims = experiment(HIGHER)
    [verdict] = judge(claims, runs({"A": 0.9}), Size(rows={"net": ["A"]}))
    assert (verdict.word, verdict.why) == (
        "cannot be tested with this data",
        "B not run in this size",
    )


@pytest.mark.parametrize("pooled", [{}, {"pooled": True}])
def test_rows_that_a_size_leaves_out_are_named_beside_the_verdict_on_the_others(runs, pooled):
    claims = experiment({"higher": {"net": "A"}, "than": {}, **pooled}, nets="ABC")
    [verdict] = judge(claims, runs({"A": 0.9, "B": 0.8}), Size(rows={"net": ["A", "B"]}))
    assert verdict.word == "holds"
    assert verdict.why.endswith("3 trainings each; C not run in this size")


def test_times_of_runs_that_shared_a_machine_are_no_test(runs):
    done = runs({"A": 0.9, "B": 0.8}, inference_ms={"A": 9.0, "B": 1.0})
    [verdict] = judge(experiment({**HIGHER, "metric": "inference_ms"}), done)
    assert (verdict.word, verdict.why) == (
        "cannot be tested with this data",
        "times of runs that shared a machine are no test",
    )


def test_what_speaks_against_the_same_is_corrected_for_their_number(runs):
    done = runs({"A": 0.9, "B": 0.8, "C": 0.7})
    claim = {"same": {"net": "A"}, "as": {}, "within": 0.05}
    [verdict] = judge(experiment(claim, nets="ABC"), done)
    first, second = verdict.comparisons
    assert (first.word, second.word) == ("does not hold", "does not hold")
    beyond = [one.comparison.p_beyond(0.05) for one in verdict.comparisons]
    assert beyond[1] < beyond[0]
    assert (second.p, first.p) == (2 * beyond[1], max(2 * beyond[1], beyond[0]))


def test_the_same_has_no_p_value_where_the_difference_counts_as_such(runs):
    claim = {"same": {"net": "A"}, "as": {"net": "B"}, "within": 0.05}
    [verdict] = judge(experiment(claim), runs({"A": 0.801, "B": 0.8}))
    assert np.isnan(verdict.comparisons[0].p)


def test_files_of_different_tests_are_not_compared(runs):
    done = runs({"A": 0.9, "B": 0.8}, **{"test/dice": {"A": 0.5, "B": 0.5}})
    [verdict] = judge(experiment(HIGHER), done)
    assert "expected images whose mean is test/dice = 0.5" in verdict.why


def test_rows_tested_on_other_subjects_are_compared_as_such(runs):
    done = [*runs({"A": 0.9}), *runs({"B": 0.6}, prefix="t")]
    [verdict] = judge(experiment(HIGHER), done)
    assert verdict.word == "holds"
    assert "different subjects, 3 trainings each" in verdict.why


def test_what_images_have_no_value_of_is_compared_by_trainings(runs):
    [verdict] = judge(experiment({**HIGHER, "metric": "test/auc"}), runs({"A": 0.9, "B": 0.8}))
    assert verdict.word == "holds"
    assert verdict.why.endswith(", 3 trainings each")
    assert "subjects" not in verdict.why


@pytest.mark.parametrize(("times", "expected"), [(4, "holds"), (5, "does not hold")])
def test_parameters_are_compared_as_they_are(runs, times, expected):
    counts = {"A": 8000, "B": 2000}
    done = runs({"A": 0.9, "B": 0.8}, trainings=1, parameters=counts)
    claim = {**HIGHER, "metric": "parameters", "times": times}
    [verdict] = judge(experiment(claim), done)
    assert (verdict.word, verdict.why) == (expected, "8 against 2: 4 times as high")


def test_only_repetitions_that_both_rows_have_are_compared(runs):
    done = runs({"A": 0.9, "B": 0.8})
    [verdict] = judge(experiment(HIGHER), done[:-1])
    assert verdict.comparisons[0].comparison.runs == (2, 2)
