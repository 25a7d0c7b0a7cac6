import math

import numpy as np
import pandas as pd
import pytest

from core.metrics.presence import presence_rates
from core.reports.image_values import mask_values, removal_values, restoration_values


def test_means_of_masks_are_the_metrics_that_a_test_logs():
    rng = np.random.default_rng(0)
    truth, found = rng.integers(0, 3, (2, 60))
    dice = np.where((truth > 0) & (found > 0), rng.uniform(size=60), truth + found == 0)
    outcome = np.select([(truth > 0) & (found > 0), truth > 0, found > 0], ["TP", "FN", "FP"], "TN")
    means = mask_values(pd.DataFrame({"outcome": outcome, "dice": dice})).mean()
    assert means.to_dict() == pytest.approx(presence_rates(truth, found, dice))


def test_an_infinite_psnr_does_not_count():
    names = ("psnr_input", "psnr_restored", "ssim_restored", "edge_input", "edge_restored")
    table = pd.DataFrame(
        {name: [2.0, math.inf] for name in (*names, "detail_change", "detail_loss")}
    )
    assert restoration_values(table)["psnr"].tolist()[0] == 2.0
    assert math.isnan(restoration_values(table)["psnr"].tolist()[1])


def test_measures_of_the_rival_stand_apart():
    columns = {"psnr_hvs_m/input": [20.0], "psnr_hvs_m/a": [25.0], "psnr_hvs_m/b": [27.0]}
    values = removal_values(pd.DataFrame(columns), ["a", "b"])
    assert values.iloc[0].to_dict() == {
        "psnr_hvs_m": 25.0,
        "psnr_hvs_m_gain": 5.0,
        "rival/psnr_hvs_m": 27.0,
        "rival/psnr_hvs_m_gain": 7.0,
    }
