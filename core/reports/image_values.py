"""A run's metrics image by image: what each is the mean of, a column a metric."""

from __future__ import annotations

import numpy as np
import pandas as pd

_MEANS = (
    *("iou", "precision", "recall", "accuracy", "hd_px", "hd_mm", "hd95_px", "hd95_mm"),
    "prediction_ellipticity",
)


def mask_values(images: pd.DataFrame) -> pd.DataFrame:
    """Return what the metrics of masks are means of; NaN where an image does not count.

    Args:
        images: Rows of a segmentation's per_image.csv, at least outcome and dice.
    """
    outcome, dice = images["outcome"], images["dice"]
    has_truth = outcome.isin(["TP", "FN"])
    values = {
        "dice": dice,
        "dice_all_empty": ~has_truth,
        "zero_overlap_rate": (dice == 0).where(has_truth, np.nan),
        "false_negative_rate": (outcome == "FN").where(has_truth, np.nan),
        "false_positive_rate": (outcome == "FP").where(~has_truth, np.nan),
        "dice_true_positive": dice.where(outcome == "TP"),
    }
    values |= {name: images[name] for name in _MEANS if name in images}
    return pd.DataFrame(values, dtype=float)


def restoration_values(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the metrics of restored images are means of; NaN where not known or infinite.

    Args:
        table: Rows of restoration.csv.
    """
    values = {
        "psnr": table["psnr_restored"],
        "ssim": table["ssim_restored"],
        "psnr_gain": table["psnr_restored"] - table["psnr_input"],
        "edge_ratio": table["edge_restored"] / table["edge_input"],
        "detail_change": table["detail_change"],
        "detail_loss": table["detail_loss"],
    }
    return _finite(pd.DataFrame(values))


def removal_values(table: pd.DataFrame, schemes: list[str]) -> pd.DataFrame:
    """Return what the metrics of removed annotations are means of; NaN where not known or infinite.

    A gain is left out where one of its parts is infinite: it is the difference of two means, which
    then are not over the same images.

    Args:
        table: Rows of removal.csv.
        schemes: Ways to train in it, the run's own first; a second one is the rival's.
    """
    measured = _finite(table.filter(like="/"))
    values: dict[str, pd.Series] = {}
    for scheme, prefix in zip(schemes, ("", "rival/"), strict=False):
        own = measured.filter(regex=f"/{scheme}$")
        values |= {f"{prefix}{str(name).rsplit('/', 1)[0]}": own[name] for name in own}
        after, before = own[f"psnr_hvs_m/{scheme}"], measured["psnr_hvs_m/input"]
        if after.isna().equals(before.isna()):
            values[f"{prefix}psnr_hvs_m_gain"] = after - before
    return pd.DataFrame(values)


def _finite(values: pd.DataFrame) -> pd.DataFrame:
    return values.where(np.isfinite(values))
