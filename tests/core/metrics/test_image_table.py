import numpy as np
import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from core.checks import InputError
from core.metrics.auc import PixelAUC
from core.metrics.hausdorff import hausdorff
from core.metrics.image_table import ImageTable
from core.metrics.overlap import overlap

MEASURED = {"hd_px", "hd95_px", "hd_mm", "hd95_mm", "prediction_ellipticity"}
SUMMARY = MEASURED | {
    "dice", "iou", "precision", "recall", "accuracy", "dice_all_empty", "false_negative_rate",
    "false_positive_rate", "dice_true_positive", "zero_overlap_rate", "hd_undefined", "images",
}  # fmt: skip


# Which rank gets which images: as many, unequally many, and none at all for one of them.
SHARES = [[[0, 1, 2], [3, 4, 5]], [[0, 2, 4, 5, 6], [1, 3]], [[], [6, 5, 4, 3, 2, 1, 0]]]


def images(count=7):
    """Draw pairs, spacing and falling indices; image 0 is empty in both, image 1 in truth only."""
    rng = np.random.default_rng(1)
    predictions, truths = [], []
    for i in range(count):
        size = (30 + i, 50 - i)
        predictions.append(rng.random(size) < 0.02 * (i != 0))
        truths.append(rng.random(size) < 0.02 * (i > 1))
    spacing = rng.uniform(0.1, 0.3, (count, 2))
    return predictions, truths, spacing, np.arange(100, 100 - count, -1)


def table_of(columns, **options):
    table = ImageTable(**options)
    table.update(*columns)
    return table


def part(columns, chosen):
    return [[column[i] for i in chosen] for column in columns[:2]] + [
        column[chosen] for column in columns[2:]
    ]


def test_a_row_holds_what_the_functions_say():
    predictions, truths, spacing, indices = columns = images()
    rows = table_of(columns).rows()
    for i, index in enumerate(indices):
        at = np.flatnonzero(rows["index"] == index).item()
        expected = overlap(predictions[i], truths[i])._asdict()
        expected |= hausdorff(predictions[i], truths[i], spacing[i])._asdict()
        row = {name: rows[name][at] for name in expected}
        assert row == pytest.approx(expected, nan_ok=True, abs=0)


def test_rows_come_by_rising_index_with_whole_numbers_whole():
    rows = table_of(images()).rows()
    assert rows["index"].tolist() == list(range(94, 101))
    for name in ("index", "truth_px", "prediction_px"):
        assert rows[name].dtype == np.int64


def test_rows_name_the_outcome():
    rows = table_of(images(3)).rows()
    assert rows["outcome"].tolist() == ["TP", "FP", "TN"]


def test_summary_has_the_agreed_names():
    assert set(table_of(images()).compute()) == SUMMARY


def test_summary_is_the_mean_of_the_rows_where_defined():
    table = table_of(images())
    rows, summary = table.rows(), table.compute()
    for name in ("dice", "iou", "precision", "recall", "accuracy", *MEASURED):
        assert summary[name].item() == pytest.approx(np.nanmean(rows[name]), rel=1e-6)


def test_images_with_an_empty_mask_are_counted_as_undefined():
    summary = table_of(images(7)).compute()
    assert (summary["images"], summary["hd_undefined"]) == (7, 2)


def test_without_distances_their_names_are_absent_and_their_columns_nan():
    table = table_of(images(), distances=False)
    assert set(table.compute()) == SUMMARY - MEASURED - {"hd_undefined"}
    assert np.isnan(table.rows()["hd_px"]).all()


def test_batches_add_up():
    columns = images()
    whole, pieces = table_of(columns), ImageTable()
    for chosen in ([0, 3], [], [1, 2, 4, 5, 6]):
        pieces.update(*part(columns, chosen))
    for name, values in whole.rows().items():
        np.testing.assert_array_equal(pieces.rows()[name], values)


def test_reset_forgets_the_rows():
    table = table_of(images())
    table.reset()
    assert len(table.rows()["index"]) == 0


@pytest.mark.filterwarnings("ignore:The ``compute`` method")
def test_no_image_at_all_leaves_every_mean_undefined():
    summary = ImageTable().compute()
    assert summary.pop("images") == summary.pop("hd_undefined") == 0
    assert all(value.isnan() for value in summary.values())


def test_lower_precision_of_the_model_leaves_the_rows_exact():
    columns = images()
    table = table_of(columns)
    torch.nn.ModuleDict({"table": table}).to(torch.bfloat16)
    np.testing.assert_array_equal(table.rows()["dice"], table_of(columns).rows()["dice"])


def test_unequal_numbers_of_images_are_refused():
    predictions, *others = images()
    with pytest.raises(InputError, match=r"update: expected as many .* got \(6, 7, 7, 7\)"):
        table_of([predictions[:-1], *others])


def test_a_prediction_on_another_grid_is_refused():
    predictions, *others = images()
    with pytest.raises(InputError, match="prediction: expected the truth's shape"):
        table_of([[mask.T for mask in predictions], *others])


def run_rank(rank, folder):
    store = dist.FileStore(f"{folder}/store", 2)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=2)
    columns, results = images(), []
    for share in SHARES:
        table, auc = ImageTable(), PixelAUC()
        for i in share[rank]:
            table.update(*part(columns, [i]))
            auc.update(columns[0][i].astype(np.float32), columns[1][i])
        results.append((table.compute(), table.rows(), auc.compute(), auc.curve()))
        assert len(table.table) == 1 + len(share[rank])  # each rank has its own pieces again
    torch.save(results, f"{folder}/{rank}.pt")
    dist.destroy_process_group()


@pytest.mark.slow
def test_two_processes_give_what_one_gives(tmp_path):
    mp.spawn(run_rank, args=(tmp_path,), nprocs=2)
    columns = images()
    for rank in range(2):
        results = torch.load(tmp_path / f"{rank}.pt", weights_only=False)
        for share, (summary, rows, area, curve) in zip(SHARES, results, strict=True):
            together = share[0] + share[1]
            alone, auc = table_of(part(columns, together)), PixelAUC()
            for i in together:
                auc.update(columns[0][i].astype(np.float32), columns[1][i])
            for name, value in alone.compute().items():
                torch.testing.assert_close(summary[name], value, equal_nan=True)
            for name, values in alone.rows().items():
                np.testing.assert_array_equal(rows[name], values)
            assert area == auc.compute()
            np.testing.assert_array_equal(curve, auc.curve())
