"""Cuts a training off, as a kill would."""

from lightning.pytorch import Callback


class CutOffError(Exception):
    pass


class Cut(Callback):
    """Ends the training after so many batches, as a kill would: nothing is tidied up."""

    def __init__(self, after):
        self.after = after

    def on_train_batch_end(self, trainer, *_):
        if trainer.fit_loop.total_batch_idx + 1 == self.after:
            raise CutOffError
