import pytest
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import TQDMProgressBar

from core.callbacks import ProgressBar


@pytest.fixture
def drawn_after(tiny, tmp_path, monkeypatch):
    """Train an epoch of three batches; return after which of them the bar was drawn."""

    def train(every_s):
        places = []
        monkeypatch.setattr(
            TQDMProgressBar, "on_train_batch_end", lambda *arguments: places.append(arguments[-1])
        )
        Trainer(
            accelerator="cpu",
            max_epochs=1,
            logger=False,
            enable_checkpointing=False,
            callbacks=ProgressBar(every_s=every_s),
            default_root_dir=tmp_path,
        ).fit(tiny.Task(), datamodule=tiny.Data())
        return places

    return train


def test_bar_is_drawn_at_first_and_when_full_if_steps_are_short(drawn_after):
    assert drawn_after(every_s=60.0) == [0, 2]


def test_bar_is_drawn_at_every_step_if_steps_are_long(drawn_after):
    assert drawn_after(every_s=0.0) == [0, 1, 2]
