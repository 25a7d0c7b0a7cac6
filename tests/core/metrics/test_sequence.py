"""Votes of sequences, on cases worked by hand."""

import pandas as pd
import pytest

from core.checks import InputError
from core.metrics.sequence import sequence_accuracy, sequence_votes

CLASSES = ("A2C", "A4C", "PLAX")


def rows(**sequences):
    """Rows of images: each sequence is a truth and a list of probabilities of the classes."""
    table = [
        {"sequence": sequence, "truth": truth, "predicted": CLASSES[given.index(max(given))]}
        | {f"p/{name}": p for name, p in zip(CLASSES, given, strict=True)}
        for sequence, (truth, images) in sequences.items()
        for given in images
    ]
    return pd.DataFrame(table)


A2C_BARELY, A4C_SURELY = (0.5, 0.4, 0.1), (0.05, 0.9, 0.05)
A2C_SURELY, A4C_BARELY = (0.9, 0.05, 0.05), (0.4, 0.5, 0.1)


def test_majority_and_mean_probability_may_differ():
    votes = sequence_votes(rows(s=("A2C", [A2C_BARELY, A2C_BARELY, A4C_SURELY])))
    assert votes.to_dict("records") == [
        {
            "sequence": "s",
            "frames": 3,
            "truth": "A2C",
            "majority": "A2C",
            "mean_probability": "A4C",
            "correct_majority": 1,
            "correct_mean_probability": 0,
        }
    ]


def test_a_tie_goes_to_the_higher_mean_probability():
    votes = sequence_votes(
        rows(s=("A4C", [A2C_BARELY, A4C_SURELY]), t=("A4C", [A4C_BARELY, A2C_SURELY]))
    )
    assert votes["majority"].tolist() == ["A4C", "A2C"]


def test_a_class_of_fewer_votes_cannot_win_by_probability():
    """PLAX leads in the mean, 0.40, and has one vote of five."""
    images = [(0.5, 0.1, 0.4), (0.5, 0.1, 0.4), (0.1, 0.5, 0.4), (0.1, 0.5, 0.4), (0.0, 0.1, 0.9)]
    (vote,) = sequence_votes(rows(s=("A4C", images))).to_dict("records")
    assert vote["mean_probability"] == "PLAX"
    assert vote["majority"] == "A4C"


def test_what_is_equal_in_all_goes_to_the_first_class():
    votes = sequence_votes(rows(s=("A4C", [(0.6, 0.4, 0), (0.4, 0.6, 0)])))
    assert votes[["majority", "mean_probability"]].iloc[0].tolist() == ["A2C", "A2C"]


def test_subject_and_device_are_kept_where_known():
    table = rows(b=("A2C", [A2C_SURELY]), a=("A2C", [A2C_SURELY])).assign(
        subject=["p7", "p1"], device="Vivid"
    )
    votes = sequence_votes(table)
    assert list(votes)[:5] == ["sequence", "subject", "device", "frames", "truth"]
    assert votes["sequence"].tolist() == ["a", "b"]
    assert votes["subject"].tolist() == ["p1", "p7"]


def test_accuracy_is_the_share_of_sequences():
    votes = sequence_votes(
        rows(
            a=("A2C", [A2C_BARELY, A2C_BARELY, A4C_SURELY]),
            b=("A2C", [A2C_SURELY]),
            c=("A4C", [A4C_BARELY]),
            d=("PLAX", [A2C_SURELY]),
        )
    )
    assert sequence_accuracy(votes) == {
        "sequence_accuracy": 0.75,
        "sequence_accuracy_mean_probability": 0.5,
    }


def test_a_sequence_of_two_truths_is_named():
    table = rows(s=("A2C", [A2C_SURELY, A2C_SURELY])).assign(truth=["A2C", "A4C"])
    with pytest.raises(InputError, match="sequence s: expected images of one class"):
        sequence_votes(table)


def test_a_missing_column_is_named():
    with pytest.raises(InputError, match="columns sequence, truth and predicted"):
        sequence_votes(rows(s=("A2C", [A2C_SURELY])).drop(columns="sequence"))


def test_no_images_are_no_sequences():
    assert len(sequence_votes(rows(s=("A2C", [A2C_SURELY])).iloc[:0])) == 0
