"""How often a comparison is wrong, and how often right, where the truth is known."""

import pytest

from tests.core.statistics.simulation import Trial, significant

NULLS = {
    "few subjects, 2 trainings": Trial(subjects=6),
    "2 trainings": Trial(),
    "2 trainings of 8 methods": Trial(methods=8),
    "3 trainings": Trial(repetitions=3, methods=4),
    "5 trainings": Trial(repetitions=5),
    "many subjects": Trial(subjects=60, repetitions=3),
    "folds": Trial(subjects=30, repetitions=5, folds=True),
    "folds of many subjects": Trial(subjects=60, repetitions=2, folds=True, methods=4),
    "ties": Trial(subjects=20, rounded=True, methods=4),
    "lucky trainings": Trial(subjects=60, run=2.0, methods=8),
    "lucky trainings beside calm ones elsewhere": Trial(
        subjects=60, run=2.0, methods=5, elsewhere=15
    ),
}


QUICK = ("2 trainings", "folds", "lucky trainings beside calm ones elsewhere")


@pytest.mark.parametrize("null", [NULLS[name] for name in QUICK], ids=QUICK)
def test_the_same_method_with_other_seeds_is_within_noise(null):
    assert significant(null, 100) <= 0.07


def test_a_real_difference_is_found():
    real = Trial(subjects=30, repetitions=3, methods=4, run=0.1, difference=1.0)
    assert significant(real, 100) >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("null", NULLS.values(), ids=NULLS)
def test_the_same_method_is_within_noise_in_1000_trials(null):
    assert significant(null, 1000, seed=1) <= 0.07


def test_patients_alone_would_take_luck_for_a_method():
    assert significant(Trial(subjects=60), 100, p="p_subjects") > 0.3
