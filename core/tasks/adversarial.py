"""Segmentation behind a restoration that is learnt from unpaired clean and corrupted patches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from lightning.pytorch.cli import OptimizerCallable
from lightning.pytorch.core.optimizer import do_nothing_closure
from lightning.pytorch.strategies import ParallelStrategy
from torch import Tensor, nn

from core.checks import require
from core.restoration.adversary import Adversary, total
from core.tasks.base import Batch
from core.tasks.segmentation import SegmentationTask


class AdversarialTask(SegmentationTask):
    """Trains a restorer with its segmenter against discriminators, taking turns in every step.

    The discriminators move first, on the restorer's images without its gradients; then the restorer
    and the segmenter move, with the discriminators standing still. Both players' optimisers are
    stepped by hand, each behind a backward pass of its own, and gradients are averaged over
    processes once an update. After training only the network remains.

    A training batch holds `image` and `mask` of corrupted patches, `clean` and `clean_mask` of
    clean ones.

    Args:
        network: Has `restore`, images (B,1,h,w) in and out, and a `segmenter`, logits out.
        adversary: The discriminators, and what else restored images must satisfy.
        discriminator_optimizer: Makes the discriminators' optimiser; the scheduler serves both.
        segmentation: Weight of the segmentation loss; lambda_1 = 0.5 in DA-GAN.
        segment_clean: Also segment the clean patches, as restored; the network sees both kinds when
            it is used. DA-GAN's Eq. 4 does not say.
        accumulate: Batches whose gradients are gathered for one update.
        **options: Those of `SegmentationTask`.

    Raises:
        InputError: If an argument is out of its range, or gradients are to be gathered in float16,
            whose scale may change between the two players' steps.

    References:
        Huang et al., DA-GAN, ISBI 2021, Eqs. 2 to 5; Huo et al., SynSeg-Net, IEEE TMI 2019.
    """

    network: Any  # with `restore` and `segmenter`, of which a plain module's type knows nothing

    def __init__(
        self,
        *,
        adversary: Adversary,
        discriminator_optimizer: OptimizerCallable,
        segmentation: float = 0.5,
        segment_clean: bool = True,
        accumulate: int = 1,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        require(segmentation >= 0, "model.segmentation", "0 or more", segmentation)
        require(accumulate >= 1, "model.accumulate", "at least 1", accumulate)
        self.automatic_optimization = False
        self.adversary, self.make_discriminator_optimizer = adversary, discriminator_optimizer
        self.segmentation, self.segment_clean = segmentation, segment_clean
        self.accumulate = accumulate
        if self.compiled:
            self.adversary.compile()

    def configure_optimizers(self) -> Any:
        """Make the optimisers of both players, restorer and segmenter first."""
        ours = [*self.network.parameters(), *self.adversary.generators()]
        theirs = self.adversary.discriminators.parameters()
        return [
            self.optimised(self.make_optimizer, ours),
            self.optimised(self.make_discriminator_optimizer, theirs),
        ]

    def on_fit_start(self) -> None:
        """Refuse what would make wrong updates."""
        scaled = getattr(self.trainer.precision_plugin, "scaler", None) is not None
        what = "bf16-mixed or full precision beside model.accumulate > 1"
        require(self.accumulate == 1 or not scaled, "trainer.precision", what, "16-mixed")

    def training_step(self, batch: Batch, batch_idx: int) -> None:  # type: ignore[override]
        """Let both players move on one batch."""
        self._check(batch, batch_idx)
        due = (batch_idx + 1) % self.accumulate == 0 or self.trainer.is_last_batch
        restored, masks = self._restored(batch)
        scene = self.adversary.scene(
            batch["image"], restored[: len(batch["image"])], batch["clean"]
        )
        players: Any = self.optimizers()
        restorer, discriminator = players
        _uncount(discriminator)

        theirs = self.adversary.discriminator_terms(scene)
        self._move(discriminator, total(theirs), due=due)
        with _frozen(self.adversary.discriminators):
            ours = self.adversary.generator_terms(scene, self.network.restore)
            logits = self.network.segmenter(restored)
            ours["segmentation"] = self.segmentation * self.loss(logits, masks)
            self._move(restorer, total(ours), due=due)

        self.mid_update = not due
        self.count(loss=total(ours), discriminator=total(theirs), **ours, **theirs)

    def on_train_epoch_end(self) -> None:
        """Log the epoch's means, and move both learning rates on."""
        super().on_train_epoch_end()
        schedulers: Any = self.lr_schedulers()
        for scheduler in schedulers if isinstance(schedulers, list) else []:
            watched = getattr(scheduler, "monitor", None)
            scheduler.step(*([self.trainer.callback_metrics[watched]] if watched else []))

    def rank_state(self) -> dict[str, Any]:
        """Return what this process alone holds beside weights, for checkpoints to keep."""
        return super().rank_state() | {"adversary": self.adversary.rank_state()}

    def load_rank_state(self, state: dict[str, Any]) -> None:
        """Take back what `rank_state` gave."""
        super().load_rank_state(state)
        self.adversary.load_rank_state(state["adversary"])

    def _check(self, batch: Batch, batch_idx: int) -> None:
        require("mask" in batch, "data.source", "images with masks", "images alone")
        require("clean" in batch, "data.unpaired", "true: clean patches are needed too", False)
        if batch_idx == 0:  # a look at the masks makes a GPU wait
            self.masks.check_classes(int(torch.stack([batch["mask"], batch["clean_mask"]]).max()))

    def _restored(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Restored patches, the corrupted ones first, and the masks to segment them by."""
        if not self.segment_clean:
            return self.network.restore(batch["image"]), batch["mask"]
        images = torch.cat([batch["image"], batch["clean"]])
        return self.network.restore(images), torch.cat([batch["mask"], batch["clean_mask"]])

    def _move(self, optimizer: Any, loss: Tensor, *, due: bool) -> None:
        """Gather the gradients of one player's loss, and update its weights when it is time."""
        with self._unsynchronised():
            self.manual_backward(loss / self.accumulate)
        if not due:
            return
        if self.trainer.world_size > 1:
            parameters = (p for group in optimizer.param_groups for p in group["params"])
            _average_gradients(parameters, self.trainer.strategy.reduce)
        optimizer.step()
        optimizer.zero_grad()

    def _unsynchronised(self) -> AbstractContextManager[Any]:
        """Keep DDP out: it averages in one backward pass a step, and two players have two."""
        strategy: Any = self.trainer.strategy
        parallel = isinstance(strategy, ParallelStrategy)
        return strategy.block_backward_sync() if parallel else nullcontext()


def _uncount(optimizer: Any) -> None:
    """Leave a player's steps out of `trainer.global_step`: one update shall count once."""
    optimizer._on_before_step = optimizer._on_after_step = do_nothing_closure


@contextmanager
def _frozen(module: nn.Module) -> Iterator[None]:
    """Let gradients pass through a module without reaching its parameters."""
    module.requires_grad_(False)
    try:
        yield
    finally:
        module.requires_grad_(True)


def _average_gradients(
    parameters: Iterable[nn.Parameter], mean_over_processes: Callable[[Tensor], Tensor]
) -> None:
    """Replace gradients by their mean over all processes, in one message."""
    gradients = [p.grad for p in parameters if p.grad is not None]
    means = mean_over_processes(torch.cat([gradient.flatten() for gradient in gradients]))
    parts = torch.split(means, [gradient.numel() for gradient in gradients])
    for gradient, mean in zip(gradients, parts, strict=True):
        gradient.copy_(mean.view_as(gradient))
