"""Hooks that do nothing, taken out of every step."""

from __future__ import annotations

from typing import Final

from lightning.pytorch import Callback, LightningModule, Trainer

_HOOKS: Final = (
    "on_train_batch_start",
    "on_before_zero_grad",
    "on_before_backward",
    "on_after_backward",
    "on_before_optimizer_step",
    "on_train_batch_end",
)


class SkipIdleHooks(Callback):
    """Has Lightning call only those hooks of a training step that a callback has something for.

    At each step Lightning calls every hook of every callback, each within its profiler: with eight
    callbacks 0.1 ms. It passes over hooks that are None.
    """

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Set the hooks that no class has overridden to None, for all callbacks."""
        callbacks: list[Callback] = trainer.callbacks  # type: ignore[attr-defined]
        for callback in callbacks:
            for hook in _HOOKS:
                if getattr(type(callback), hook) is getattr(Callback, hook):
                    setattr(callback, hook, None)
