import pytest
from lightning.pytorch import Callback
from lightning.pytorch.profilers import Profiler

from core.callbacks import SkipIdleHooks


class Counts(Callback):
    """Has something to do at a batch's end, and nothing in a step's other hooks."""

    def __init__(self):
        self.batches = 0

    def on_train_batch_end(self, *_):
        self.batches += 1


class Record(Profiler):
    """Writes down what Lightning calls."""

    def __init__(self):
        super().__init__()
        self.called = set()

    def start(self, action_name):
        self.called.add(action_name)

    def stop(self, action_name):
        pass


@pytest.fixture
def trained(make_trainer, tiny):
    """Train two epochs of three batches; return the callback, and what was called."""
    counts, record = Counts(), Record()
    trainer = make_trainer(SkipIdleHooks(), counts, profiler=record)
    trainer.fit(tiny.Task(), datamodule=tiny.Data())
    return counts, record.called


def test_hook_with_something_to_do_is_called_at_every_step(trained):
    counts, _ = trained
    assert counts.batches == 6


def test_idle_hooks_of_a_step_are_not_called(trained):
    _, called = trained
    of_counts = {name for name in called if name.startswith("[Callback]Counts.")}
    assert "[Callback]Counts.on_train_batch_end" in of_counts
    assert "[Callback]Counts.on_train_epoch_end" in of_counts
    assert not [name for name in of_counts if "before" in name or "after" in name]
    assert "[Callback]Counts.on_train_batch_start" not in of_counts
