"""The classification task over a network of one layer, without a trainer where none is needed."""

import numpy as np
import pandas as pd
import pytest
import torch
from lightning.pytorch import Trainer
from sklearn.metrics import roc_auc_score
from torch import nn

from core.callbacks import BestCheckpoint, SequenceVotes, TestOutputs, Whitening
from core.checks import InputError
from core.data import HoldoutSplit
from core.data.labelled import LabelledData
from core.data.sources.base import Source
from core.layers import Whiten
from core.tasks import ClassificationTask

CLASSES = ["A", "B", "C"]


class Linear(nn.Module):
    """Whitened pixels are its features; a linear head."""

    def __init__(self):
        super().__init__()
        self.whiten, self.head = Whiten(), nn.Linear(8, 3)

    def features(self, image):
        return self.whiten(image).flatten(1)

    def forward(self, image):
        return self.head(self.features(image))


class Bars(Source):
    """Ten patients on two machines; each class brightens its own columns, with noise."""

    def __init__(self, frames=4):
        rows = [(p, c, f) for p in range(10) for c in range(3) for f in range(frames)]
        self.rows = rows
        self.table = pd.DataFrame(
            {
                "id": [f"{p}-{c}-{f}" for p, c, f in rows],
                "subject": [str(p) for p, _, _ in rows],
                "sequence": [f"{p}-{c}" for p, c, _ in rows],
                "device": ["left" if p % 2 else "right" for p, _, _ in rows],
                "view": [CLASSES[c] for _, c, _ in rows],
            }
        )

    def __getitem__(self, index):
        _, number, _ = self.rows[index]
        image = np.random.default_rng(index).integers(0, 120, (2, 4), dtype=np.uint8)
        image[:, number] += 100
        return {"image": image}

    @property
    def fingerprint(self):
        return "bars"


def data(source=None, **options):
    defaults = {
        "source": source or Bars(),
        "split": HoldoutSplit(val=0.2, test=0.4, seed=1),
        "size": (2, 4),
        "batch_size": 7,
        "cache_dir": None,
    }
    return LabelledData(**{**defaults, **options})


def task(loss=None, **options):
    torch.manual_seed(0)
    return ClassificationTask(
        network=options.pop("network", None) or Linear(),
        loss=loss or nn.CrossEntropyLoss(reduction="none"),
        optimizer=lambda parameters: torch.optim.Adam(parameters, lr=0.05),
        **{"classes": CLASSES, **options},
    )


def trained(tmp_path, ours, of, *, epochs=15):
    trainer = Trainer(
        accelerator="cpu",
        max_epochs=epochs,
        default_root_dir=tmp_path,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
        callbacks=[BestCheckpoint(), Whitening(), TestOutputs(), SequenceVotes()],
    )
    trainer.fit(ours, datamodule=of)
    trainer.test(ours, datamodule=of, verbose=False)
    return trainer


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Folder, task and trainer of one training with its test."""
    folder = tmp_path_factory.mktemp("run")
    ours = task()
    return folder, ours, trained(folder, ours, data())


def test_it_learns_what_can_be_told_apart(run):
    _, _, trainer = run
    assert float(trainer.callback_metrics["test/accuracy"]) > 0.8
    assert float(trainer.callback_metrics["test/sequence_accuracy"]) == 1


def test_the_checkpoint_is_the_epoch_of_the_best_accuracy(run):
    folder, _, trainer = run
    assert trainer.checkpoint_callback.monitor == "val/accuracy"
    assert (folder / "checkpoints" / "best.ckpt").is_file()


def test_every_test_image_has_a_row(run):
    folder, _, trainer = run
    images = pd.read_csv(folder / "per_image.csv", dtype={"subject": str})
    assert sorted(images["index"]) == sorted(trainer.datamodule.stages["test"])
    assert list(images["truth"]) == list(images["view"])
    assert images["correct"].mean() == pytest.approx(
        float(trainer.callback_metrics["test/accuracy"])
    )


def test_areas_under_the_curves_are_scikit_learns(run):
    folder, _, trainer = run
    images = pd.read_csv(folder / "per_image.csv")
    expected = roc_auc_score(images["truth"], images[["p/A", "p/B", "p/C"]], multi_class="ovr")
    assert float(trainer.callback_metrics["test/auc"]) == pytest.approx(expected, abs=1e-6)
    curves = pd.read_csv(folder / "roc.csv").groupby("structure")["auc"].first()
    assert curves.mean() == pytest.approx(expected, abs=1e-5)


def test_each_machine_has_its_accuracy(run):
    folder, _, trainer = run
    images = pd.read_csv(folder / "per_image.csv")
    for name, own in images.groupby("device"):
        value = float(trainer.callback_metrics[f"test/{name}/accuracy"])
        assert value == pytest.approx(own["correct"].mean())


def test_features_are_those_before_the_head(run):
    folder, ours, trainer = run
    with np.load(folder / "features.npz") as saved:
        index, features = saved["index"], saved["features"]
    image = trainer.datamodule.source[int(index[0])]["image"]
    expected = ours.network.features(torch.from_numpy(image.astype(np.float32) / 255)[None, None])
    np.testing.assert_allclose(features[0], expected[0].numpy(), rtol=1e-5)


def test_the_network_whitens_by_the_training_images(run):
    _, ours, trainer = run
    of = trainer.datamodule
    pixels = np.stack([of.source[row]["image"] for row in of.stages["train"]]) / 255
    assert float(ours.network.whiten.mean) == pytest.approx(pixels.mean(), rel=1e-5)
    assert float(ours.network.whiten.std) == pytest.approx(pixels.std(), rel=1e-5)


def test_balanced_weights_multiply_each_samples_loss(tmp_path):
    ours = task(class_weights="balanced")
    of = data(select={"view": CLASSES})
    trained(tmp_path, ours, of, epochs=1)
    batch = next(iter(of.train_dataloader()))
    ours.weights = torch.tensor([1.0, 2.0, 3.0])
    truth = torch.tensor([CLASSES.index(name) for name in batch["label"]])
    losses = nn.functional.cross_entropy(ours(batch["image"]), truth, reduction="none")
    expected = (losses * (truth + 1)).sum() / len(truth)  # by samples, not by weights, as in Keras
    assert float(ours.training_step(batch, 0)) == pytest.approx(float(expected), rel=1e-5)


def test_weights_follow_from_the_training_samples(tmp_path):
    ours, of = task(class_weights="balanced"), data(Unbalanced())
    trained(tmp_path, ours, of, epochs=1)
    rows = of.stages["train"]
    counts = of.original.table["view"].iloc[rows].value_counts()
    expected = [len(rows) / (3 * counts[name]) for name in CLASSES]
    torch.testing.assert_close(ours.weights, torch.tensor(expected, dtype=torch.float32))


class Unbalanced(Bars):
    """Half of the frames of class A are missing."""

    def __init__(self):
        super().__init__()
        kept = [n for n, (_, c, f) in enumerate(self.rows) if c or f < 2]
        self.rows = [self.rows[n] for n in kept]
        self.table = self.table.iloc[kept].reset_index(drop=True)


def test_a_label_that_is_no_class_is_named():
    ours = task(classes=["A", "B", "D"])
    of = data()
    of.setup("fit")
    with pytest.raises(InputError, match="label 'C': expected one of model.classes"):
        [ours.training_step(batch, 0) for batch in of.train_dataloader()]


def test_a_loss_of_one_number_is_refused():
    ours, of = task(nn.CrossEntropyLoss()), data()
    of.setup("fit")
    with pytest.raises(InputError, match="model.loss: expected one loss a sample"):
        ours.training_step(next(iter(of.train_dataloader())), 0)


def test_classes_are_two_or_more_different_ones():
    with pytest.raises(InputError, match="model.classes"):
        task(classes=["A", "A"])


def test_other_words_for_weights_are_refused():
    with pytest.raises(InputError, match="model.class_weights: expected balanced or null"):
        task(class_weights="balance")
