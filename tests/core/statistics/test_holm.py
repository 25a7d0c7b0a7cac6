import math

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from core.statistics import holm


def test_the_papers_procedure_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_agrees_with_statsmodels():
    p = np.random.default_rng(0).uniform(0, 0.2, 25)
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


def test_what_could_not_be_tested_counts_as_no_test():
    first, second, third = holm([math.nan, 0.02, 0.04])
    assert math.isnan(first)
    assert (second, third) == pytest.approx((0.04, 0.04))


def test_no_tests_give_no_values():
    assert holm([]) == []
