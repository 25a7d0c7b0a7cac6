"""Classification: which of several classes, such as standard views, an image shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from lightning.pytorch.cli import LRSchedulerCallable, OptimizerCallable
from torch import Tensor, nn
from torchmetrics import MeanMetric

from core.checks import nearest, require
from core.losses import balanced_weights
from core.metrics import ClassTable, GroupedAUC
from core.metrics.grouped_auc import ALL
from core.tasks.base import Batch, Task


class ClassificationTask(Task):
    """Trains a network that gives each class's logit for an image, or for a clip of several.

    Args:
        network: (B, C, h, w), or clips (B, T, C, h, w), in; logits (B, K) out. One with `features`
            and `head` also tells the features that it decides by.
        loss: Logits (B, K) and class indices (B,) int64 in, one loss a sample (B,) out, such as
            `torch.nn.CrossEntropyLoss` with `reduction: none`.
        optimizer: Makes the optimiser from the parameters.
        scheduler: Makes the learning-rate scheduler from the optimiser.
        compile: Run the network through `torch.compile`.
        classes: Name of each class, in the order of the logits.
        class_weights: "balanced" multiplies each training sample's loss by n / (K n_k), with n_k of
            the n training samples in its class; the mean is over samples, not over weights, as in
            Keras. None counts all alike.

    Attributes:
        image_table: Truth and probabilities of every sample of the current test.
        curves: ROC curves of the current test, by class and group of images.

    Raises:
        InputError: If a class is named twice, or (when it runs) a sample is of an unknown class or
            the loss is one number for all samples.
    """

    headline = "accuracy"

    def __init__(
        self,
        *,
        network: nn.Module,
        loss: nn.Module,
        optimizer: OptimizerCallable,
        scheduler: LRSchedulerCallable | None = None,
        compile: bool = False,  # noqa: A002  (torch's own name for it)
        classes: Sequence[str],
        class_weights: str | None = None,
    ) -> None:
        super().__init__(
            network=network, loss=loss, optimizer=optimizer, scheduler=scheduler, compile=compile
        )
        distinct = 2 <= len(classes) == len(set(classes))
        require(distinct, "model.classes", "two or more different names", ", ".join(classes))
        known = class_weights in (None, "balanced")
        require(known, "model.class_weights", "balanced or null", class_weights)
        self.classes, self.class_weights = tuple(classes), class_weights
        self.val_table, self.test_table = ClassTable(classes), ClassTable(classes)
        self.val_loss, self.test_loss = MeanMetric(), MeanMetric()
        self.curves = GroupedAUC()
        self.weights: Tensor
        self.register_buffer("weights", torch.ones(len(classes)), persistent=False)

    def on_fit_start(self) -> None:
        """Weigh the classes by how often they are among the training samples."""
        if self.class_weights is not None:
            data: Any = self.trainer.datamodule  # type: ignore[attr-defined]
            counts = Counter(data.labels[row] for row in data.sample_rows("train"))
            self._require_known(counts)
            number = torch.tensor([counts[name] for name in self.classes])
            self.weights.copy_(balanced_weights(number))

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the loss of a batch, each sample by its class's weight."""
        truth, logits = self._truth(batch), self(batch["image"])
        loss = (self.weights[truth] * self._losses(logits, truth)).mean()
        right = (logits.detach().argmax(1) == truth).float().mean()
        self.count(loss=loss, accuracy=right)
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Measure a batch of validation samples."""
        seen = self._seen(batch["image"])
        self._evaluated(batch, seen, self.val_table, self.val_loss)

    def on_test_epoch_start(self) -> None:
        """Forget an earlier test."""
        for state in (self.test_loss, self.test_table, self.curves):
            state.reset()

    def test_step(self, batch: Batch, batch_idx: int) -> dict[str, Any]:
        """Measure a batch of test samples.

        Returns:
            "probabilities" (B, K) float32 and, of a network that tells them, "features" (B, F).
        """
        seen = self._seen(batch["image"], features=True)
        self._evaluated(batch, seen, self.test_table, self.test_loss)
        self._count_curves(batch, seen["probabilities"])
        return seen

    def predict_step(self, batch: Batch, batch_idx: int) -> dict[str, Any]:
        """Return what is seen in a batch: "probabilities" (B, K) float32."""
        return self._seen(batch["image"])

    def on_validation_epoch_end(self) -> None:
        """Log the validation's loss and accuracy."""
        values = self.val_table.compute()
        self.log_all("val", {"loss": self.val_loss.compute(), "accuracy": values["accuracy"]})
        self.val_loss.reset()
        self.val_table.reset()

    def on_test_epoch_end(self) -> None:
        """Log the test's metrics; the table stays for whoever writes it down."""
        images = torch.tensor(len(self.test_table.rows()["index"]))
        values = {"loss": self.test_loss.compute(), "images": images}
        self.log_all("test", values | self.test_table.compute())

    @property
    def image_table(self) -> ClassTable:
        """Truth and probabilities of every test sample."""
        return self.test_table

    def _seen(self, image: Tensor, *, features: bool = False) -> dict[str, Any]:
        """Return logits, probabilities on the CPU and, if wanted, what the last layer saw."""
        network: Any = self.network
        if not (features and hasattr(network, "features")):
            logits = self(image)
            return {"logits": logits, "probabilities": logits.float().softmax(1).cpu()}
        vectors = network.features(image)
        logits = network.head(vectors)
        probabilities = logits.float().softmax(1).cpu()
        return {"logits": logits, "probabilities": probabilities, "features": vectors}

    def _losses(self, logits: Tensor, truth: Tensor) -> Tensor:
        losses: Tensor = self.loss(logits, truth)
        each = "one loss a sample, as CrossEntropyLoss gives with reduction: none"
        require(losses.shape == truth.shape, "model.loss", each, tuple(losses.shape))
        return losses

    def _truth(self, batch: Batch) -> Tensor:
        """Return the class index of each sample, (B,) int64."""
        require("label" in batch, "data", "labelled images", "images alone")
        self._require_known(batch["label"])
        indices = [self.classes.index(name) for name in batch["label"]]
        return torch.tensor(indices, device=self.device)

    def _require_known(self, names: Any) -> None:
        for name in sorted(set(names) - set(self.classes)):
            hint = f"one of model.classes ({', '.join(self.classes)}){nearest(name, self.classes)}"
            require(False, f"label '{name}'", f"{hint}; data.select can leave others out")

    def _evaluated(
        self,
        batch: Batch,
        seen: dict[str, Any],
        table: ClassTable,
        mean_loss: MeanMetric,
    ) -> None:
        """Count the samples of a batch that are no padding."""
        truth, counted = self._truth(batch), ~batch["is_padding"]
        mean_loss.update(self._losses(seen["logits"], truth)[counted].float())
        kept, features = counted.cpu(), seen.get("features")
        table.update(
            seen["probabilities"][kept],
            truth[counted],
            batch["index"][counted],
            None if features is None else features[kept],
        )

    def _count_curves(self, batch: Batch, probabilities: Tensor) -> None:
        """Count test samples for each class's ROC, of all and of each group."""
        truth, counted = self._truth(batch).cpu().numpy(), ~batch["is_padding"].cpu().numpy()
        groups = np.array(batch.get("group", [ALL] * len(truth)))
        for group in sorted(set(groups[counted])):
            of = counted & (groups == group)
            for number, name in enumerate(self.classes):
                scores = probabilities[:, number].numpy()[of]
                self.curves.update(name, str(group), scores, truth[of] == number)
