"""A task and data so small that a whole training takes a fraction of a second."""

from types import SimpleNamespace

import lightning.pytorch as pl
import numpy as np
import pandas as pd
import pytest
import torch
from torch.utils.data import DataLoader

from core.metrics import GroupedAUC, ImageTable


def collate(indices):
    """Images whose mask is the row's number of pixels; rows from 100 on are padding."""
    rows = torch.tensor(indices) % 100
    truths = [(np.arange(16) < row).reshape(4, 4).astype(np.uint8) for row in rows.tolist()]
    return {
        "image": torch.ones(len(rows), 4) * rows[:, None],
        "truth": truths,
        "spacing_mm": torch.full((len(rows), 2), torch.nan),
        "index": rows,
        "is_padding": torch.tensor(indices) >= 100,
    }


class TinyData(pl.LightningDataModule):
    def __init__(self, test_rows=(0, 1, 2, 3, 4), groups=()):
        super().__init__()
        table = pd.DataFrame(
            {"id": [f"im{i}" for i in range(10)], "subject": "007", "region": "neck"}
        )
        self.source, self.fingerprint = SimpleNamespace(table=table, simulated=True), "abc"
        self.groups = groups
        self.stages = {"train": range(5, 10), "val": range(2), "test": test_rows}

    def loader(self, stage):
        sampler = None if self.trainer.world_size == 1 else self.share(stage)
        rows = list(self.stages[stage]) if sampler is None else sampler
        return DataLoader(rows, batch_size=2, collate_fn=collate)

    def share(self, stage):
        """Deal rows to ranks, with a marked copy for those that get one less."""
        rows, count = list(self.stages[stage]), self.trainer.world_size
        rows += [100 + rows[0]] * (-len(rows) % count)
        return rows[self.trainer.global_rank :: count]

    def train_dataloader(self):
        return self.loader("train")

    def val_dataloader(self):
        return self.loader("val")

    def test_dataloader(self):
        return self.loader("test")


class TinyTask(pl.LightningModule):
    """Predicts the truth; its validation scores are given."""

    def __init__(self, scores=(0.5,) * 99):
        super().__init__()
        self.network = torch.nn.Linear(4, 1)
        self.frozen = torch.nn.Parameter(torch.zeros(7), requires_grad=False)
        self.image_table, self.scores = ImageTable(), scores
        self.curves, self.structures = GroupedAUC(), ("structure",)

    def forward(self, image):
        return self.network(image)

    def training_step(self, batch, batch_idx):
        return self.network(batch["image"] / 10).mean().square()

    def on_train_epoch_end(self):
        self.log("train/loss", float(self.current_epoch + 10), sync_dist=True)

    def validation_step(self, batch, batch_idx):
        pass

    def on_validation_epoch_end(self):
        self.log("val/dice", self.scores[self.current_epoch], sync_dist=True)

    def test_step(self, batch, batch_idx):
        masks = [truth.copy() for truth in batch["truth"]]
        kept = [i for i, padding in enumerate(batch["is_padding"]) if not padding]
        self.image_table.update(
            [masks[i] for i in kept],
            [batch["truth"][i] for i in kept],
            batch["spacing_mm"][kept],
            batch["index"][kept],
        )
        return {"masks": masks}

    def on_test_epoch_end(self):
        values = {f"test/{k}": v for k, v in self.image_table.compute().items()}
        self.log_dict(values, rank_zero_only=False)

    def configure_optimizers(self):
        return torch.optim.SGD([self.network.weight, self.network.bias], lr=0.01)


@pytest.fixture
def tiny():
    """The tiny classes, for tests that choose their arguments."""
    return SimpleNamespace(Task=TinyTask, Data=TinyData)


@pytest.fixture
def make_trainer(tmp_path):
    """Make a quiet trainer that writes into the run folder runs/project/run."""

    def make(*callbacks, **options):
        options = {"max_epochs": 2, "logger": False, "enable_checkpointing": False} | options
        return pl.Trainer(
            accelerator="cpu",
            devices=1,
            callbacks=list(callbacks),
            default_root_dir=tmp_path / "project" / "run",
            enable_progress_bar=False,
            enable_model_summary=False,
            **options,
        )

    return make


@pytest.fixture
def run_dir(tmp_path):
    return tmp_path / "project" / "run"
