import pandas as pd
import pytest

from core.callbacks.epoch_log import EpochLog
from core.checks import InputError


def rows(run_dir):
    return pd.read_csv(run_dir / "metrics.csv")


def test_each_epoch_has_one_row_with_what_the_module_logs_at_its_end(tiny, make_trainer, run_dir):
    make_trainer(EpochLog()).fit(tiny.Task(scores=(0.1, 0.2)), datamodule=tiny.Data())
    table = rows(run_dir)
    assert table.columns.tolist() == ["epoch", "step", "val/dice", "train/loss", "seconds"]
    assert table["epoch"].tolist() == [0, 1]
    assert table["step"].tolist() == [3, 6]
    assert table["train/loss"].tolist() == [10, 11]
    assert table["val/dice"].round(6).tolist() == [0.1, 0.2]
    assert (table["seconds"] > 0).all()


def test_sanity_check_leaves_no_trace(tiny, make_trainer, run_dir):
    trainer = make_trainer(EpochLog(), num_sanity_val_steps=1, check_val_every_n_epoch=2)
    trainer.fit(tiny.Task(), datamodule=tiny.Data())
    assert rows(run_dir)["val/dice"].notna().tolist() == [False, True]


def test_epoch_without_validation_does_not_repeat_an_older_one(tiny, make_trainer, run_dir):
    trainer = make_trainer(EpochLog(), max_epochs=3, check_val_every_n_epoch=2)
    trainer.fit(tiny.Task(), datamodule=tiny.Data())
    assert rows(run_dir)["val/dice"].notna().tolist() == [False, True, False]


def test_resumed_training_replaces_the_epochs_it_runs_again(tiny, make_trainer, run_dir, tmp_path):
    first = make_trainer(EpochLog(), max_epochs=2)
    first.fit(tiny.Task(), datamodule=tiny.Data())
    first.save_checkpoint(tmp_path / "after_two.ckpt")
    make_trainer(EpochLog(), max_epochs=4).fit(
        tiny.Task(), datamodule=tiny.Data(), ckpt_path=tmp_path / "after_two.ckpt"
    )
    before = rows(run_dir)
    task = tiny.Task(scores=(0.9,) * 4)
    resumed = make_trainer(EpochLog(), max_epochs=3)
    resumed.fit(task, datamodule=tiny.Data(), ckpt_path=tmp_path / "after_two.ckpt")
    after = rows(run_dir)
    assert before["epoch"].tolist() == [0, 1, 2, 3]
    assert after["epoch"].tolist() == [0, 1, 2]
    assert after["val/dice"].round(6).tolist() == [0.5, 0.5, 0.9]
    pd.testing.assert_frame_equal(before[:2], after[:2])


def test_new_training_does_not_keep_rows_of_another(tiny, make_trainer, run_dir):
    for _ in range(2):
        make_trainer(EpochLog()).fit(tiny.Task(), datamodule=tiny.Data())
    assert rows(run_dir)["epoch"].tolist() == [0, 1]


def test_names_that_lightning_makes_for_steps_are_left_out(tiny, make_trainer, run_dir):
    class Stepwise(tiny.Task):
        def training_step(self, batch, batch_idx):
            self.log("train/extra", 1.0, on_step=True, on_epoch=True, batch_size=2)
            return super().training_step(batch, batch_idx)

    make_trainer(EpochLog()).fit(Stepwise(), datamodule=tiny.Data())
    extra = [name for name in rows(run_dir) if name.startswith("train/extra")]
    assert extra == ["train/extra"]


def test_foreign_file_in_its_place_is_named(tiny, make_trainer, run_dir, tmp_path):
    first = make_trainer(max_epochs=1)
    first.fit(tiny.Task(), datamodule=tiny.Data())
    first.save_checkpoint(tmp_path / "one.ckpt")
    run_dir.mkdir(parents=True)
    (run_dir / "metrics.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"metrics\.csv: expected a column 'epoch', got a, b"):
        make_trainer(EpochLog()).fit(
            tiny.Task(), datamodule=tiny.Data(), ckpt_path=tmp_path / "one.ckpt"
        )
