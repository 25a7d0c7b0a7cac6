import pytest

from core.callbacks import ProgressBar


@pytest.fixture
def drawn_after(make_trainer, tiny, monkeypatch):
    """Train an epoch of three batches; return after which of them the bar was drawn."""

    def train(every_s):
        places = []
        bar = ProgressBar(every_s=every_s)
        monkeypatch.setattr(
            "lightning.pytorch.callbacks.TQDMProgressBar.on_train_batch_end",
            lambda self, trainer, module, outputs, batch, place: places.append(place),
        )
        trainer = make_trainer(bar, max_epochs=1, enable_progress_bar=True)
        trainer.fit(tiny.Task(), datamodule=tiny.Data())
        return places

    return train


def test_bar_is_drawn_at_first_and_when_full_if_steps_are_short(drawn_after):
    assert drawn_after(every_s=60.0) == [0, 2]


def test_bar_is_drawn_at_every_step_if_steps_are_long(drawn_after):
    assert drawn_after(every_s=0.0) == [0, 1, 2]
