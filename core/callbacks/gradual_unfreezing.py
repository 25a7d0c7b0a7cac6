"""Fine-tuning that starts with a network's head and opens one more of its stages at a time."""

from __future__ import annotations

import math
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import Optimizer

from core.checks import require
from core.layers.freezing import freeze_but


class GradualUnfreezing(Callback):
    """Trains the head, then the head and the stage before it, and so on to the whole network.

    Each of these iterations starts with a fresh optimiser, as where Keras compiles a model anew,
    and its batch normalisations that are not trained keep their statistics. The training ends with
    the last iteration, whatever `max_epochs` says; where that comes first, a warning says so.

    With several processes nothing is faster for being frozen: all gradients are worked out, since
    processes must agree on which, and those of frozen stages are thrown away.

    Args:
        head_factor: The first iteration's learning rate, the head's, over the optimiser's own.
        epochs: Epochs of an iteration, at most.
        patience: An iteration ends early when so many epochs on end were not better than its best;
            None never ends one early.
        restore_best: The next iteration starts from the best weights of the one before, not from
            its last.
        head_only: Never opens more than the head.
        monitor: What a better epoch has less of; logged at every validation, one an epoch.

    Raises:
        InputError: If a number is out of range; when training starts, if the network has no
            `stages()`, or there is a scheduler, which would set the learning rate too; when an
            epoch ends, if nothing of the monitor's name was logged.

    References:
        D. Pop, LiTH-ISY-EX--20/5288--SE, Section 4.2, Tables D.1 and D.2, all with Adam at 1e-5.
        MobileNet #1: head_factor 10, epochs 20, patience 3. #2 and VGG16: epochs 10. #3: as #2,
        with restore_best.
    """

    def __init__(
        self,
        *,
        head_factor: float = 1.0,
        epochs: int = 10,
        patience: int | None = None,
        restore_best: bool = False,
        head_only: bool = False,
        monitor: str = "val/loss",
    ) -> None:
        for name, value in (("head_factor", head_factor), ("epochs", epochs)):
            require(value > 0, name, "a positive number", value)
        require(patience is None or patience > 0, "patience", "a positive number", patience)
        self.head_factor, self.epochs, self.patience = head_factor, epochs, patience
        self.restore_best, self.head_only, self.monitor = restore_best, head_only, monitor
        self._frozen: list[nn.Module] = []
        self._best_weights: dict[str, Tensor] = {}
        self._opened = 1
        self._begin()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Freeze what is not trained in the first iteration, or in the one that is resumed."""
        staged = hasattr(pl_module.network, "stages")
        require(
            staged, "model.network", "one with stages to open", type(pl_module.network).__name__
        )
        scheduled = bool(trainer.lr_scheduler_configs)
        require(not scheduled, "model.scheduler", "none: GradualUnfreezing sets learning rates")
        most = self.epochs * self._iterations(pl_module)
        if trainer.max_epochs is not None and 0 <= trainer.max_epochs < most:
            rank_zero_warn(
                f"trainer.max_epochs {trainer.max_epochs} may end the training before all stages"
                f" are opened: that takes up to {most}"
            )
        self._apply(trainer, pl_module)

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Keep the statistics of frozen batch normalisations, whoever called `train()`."""
        self._keep_statistics()

    def on_before_optimizer_step(
        self, trainer: Trainer, pl_module: LightningModule, optimizer: Optimizer
    ) -> None:
        """Throw away the gradients of frozen stages; one process has none."""
        for module in self._frozen if trainer.world_size > 1 else ():
            module.zero_grad(set_to_none=True)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Note how good the epoch was, and open the next stage or end if the iteration is over."""
        pl_module.log("unfreeze/opened", float(self._opened))
        self._count(trainer, pl_module)
        impatient = self.patience is not None and self._waited >= self.patience
        if self._epoch < self.epochs and not impatient:
            return
        if self._opened == self._iterations(pl_module):
            trainer.should_stop = True
            return
        if self.restore_best:
            task: Any = pl_module
            task.network.load_state_dict(self._best_weights)
        self._opened += 1
        self._begin()
        for optimizer in trainer.optimizers:
            optimizer.state.clear()
        self._apply(trainer, pl_module)

    def state_dict(self) -> dict[str, Any]:
        """Return where in which iteration the training is, and the iteration's best."""
        return {
            "opened": self._opened,
            "epoch": self._epoch,
            "waited": self._waited,
            "best": self._best,
            "best_weights": self._best_weights,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from there."""
        self._opened, self._epoch = state_dict["opened"], state_dict["epoch"]
        self._waited, self._best = state_dict["waited"], state_dict["best"]
        self._best_weights = state_dict["best_weights"]

    def _begin(self) -> None:
        """Start counting an iteration."""
        self._epoch = self._waited = 0
        self._best = math.inf
        self._best_weights = {}

    def _iterations(self, task: Any) -> int:
        return 1 if self.head_only else len(task.network.stages())

    def _apply(self, trainer: Trainer, task: Any) -> None:
        """Open and freeze stages, and set the learning rate."""
        self._frozen = freeze_but(task.network.stages(), self._opened)
        if trainer.world_size > 1:  # the wrapper waits for every gradient that it began with
            for module in self._frozen:
                module.requires_grad_(True)
        task.network.train()
        self._keep_statistics()
        factor = self.head_factor if self._opened == 1 else 1.0
        for optimizer in trainer.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = factor * optimizer.defaults["lr"]

    def _keep_statistics(self) -> None:
        for module in self._frozen:
            for layer in module.modules():
                if isinstance(layer, _BatchNorm):
                    layer.eval()

    def _count(self, trainer: Trainer, task: Any) -> None:
        """Count the epoch, and the epochs since the best, whose weights are kept if wanted."""
        self._epoch += 1
        if self.patience is None and not self.restore_best:
            return
        metrics = trainer.callback_metrics
        require(self.monitor in metrics, "monitor", "one of " + ", ".join(metrics), self.monitor)
        value = float(metrics[self.monitor])
        self._waited += 1
        if value < self._best:
            self._best, self._waited = value, 0
            if self.restore_best:
                weights = task.network.state_dict()
                self._best_weights = {name: tensor.clone() for name, tensor in weights.items()}
