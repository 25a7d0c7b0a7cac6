import pandas as pd
import pytest

from core.callbacks import AreaRatio
from core.checks import InputError

PX = {"wrist": 90, "forearm": 60}


@pytest.fixture
def ratio(tiny, make_trainer, run_dir):
    """Write a per-image table as a test leaves it, and run the callback's end of test over it."""

    def run(**columns):
        rows = [
            {
                "subject": "007",
                "hand": hand,
                "region": region,
                "truth_px": px,
                "prediction_px": px + 30,
            }
            for hand in ("left", "right")
            for region, px in PX.items()
        ]
        table = pd.DataFrame(rows).assign(spacing_row_mm=0.1, spacing_col_mm=0.2, structure="nerve")
        table = table.assign(**columns)
        run_dir.mkdir(parents=True, exist_ok=True)
        table.dropna(axis=1, how="all").to_csv(run_dir / "per_image.csv", index=False)
        callback = AreaRatio(
            column="region", numerator="wrist", denominator="forearm", by=["subject", "hand"]
        )
        callback.on_test_end(make_trainer(), tiny.Task())
        return run_dir / "area_ratio.csv"

    return run


def test_each_limb_has_its_true_and_its_predicted_ratio(ratio):
    table = pd.read_csv(ratio(), dtype={"subject": str})
    assert table.columns.tolist() == ["subject", "hand", "truth", "prediction"]
    assert table["hand"].tolist() == ["left", "right"]
    assert table["subject"].tolist() == ["007", "007"]
    assert table["truth"].tolist() == pytest.approx([90 / 60] * 2)
    assert table["prediction"].tolist() == pytest.approx([120 / 90] * 2)


@pytest.mark.parametrize(
    "columns", [{"region": "wrist"}, {"spacing_row_mm": None}, {"hand": None}],
    ids=["one region", "no spacing", "no hands"],
)  # fmt: skip
def test_where_it_cannot_be_measured_nothing_is_written_and_the_old_one_is_gone(ratio, columns):
    assert ratio().is_file()
    assert not ratio(**columns).is_file()


def test_structures_are_kept_apart(ratio):
    table = pd.read_csv(ratio(structure=["nerve", "nerve", "vessel", "vessel"]))
    assert table["structure"].tolist() == ["nerve", "vessel"]


def test_a_limb_without_its_subject_is_refused():
    with pytest.raises(InputError, match="by: expected 'subject' among"):
        AreaRatio(column="region", numerator="wrist", denominator="forearm", by=["hand"])
