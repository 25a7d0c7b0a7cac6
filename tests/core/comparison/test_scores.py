import pytest

from core.comparison.methods import group
from core.comparison.scores import method_scores, quantity, run_scores
from core.reports.numbers import Spec
from tests.core.comparison.made_runs import classification, segmentation

DICE, ACCURACY = Spec("test/dice", "Dice", 3), Spec("test/accuracy", "Accuracy", 1, "%")


def test_a_classifiers_image_counts_with_the_probability_of_its_truth(tmp_path):
    run = classification(tmp_path / "a")
    row = run.folder.classified.iloc[3]
    scores = run_scores(run, ACCURACY)
    assert scores.loc[row["id"], "value"] == pytest.approx(row[f"p/{row['truth']}"])
    assert quantity(ACCURACY).label == "Probability of the true class"
    assert quantity(DICE) is DICE


def test_an_image_counts_with_the_mean_of_its_repetitions(tmp_path):
    runs = [segmentation(tmp_path / f"r-s{k}", seed=k, off=(k,)) for k in (0, 2)]
    [method] = group(runs)[0]
    scores = method_scores(method, DICE)
    assert len(scores) == 20
    assert scores["value"].tolist() == pytest.approx([11 / 12] * 20)
