"""Training the last stages of a network while the others stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import nn

from core.checks import require

_FROZEN = "frozen_in_fine_tuning"


def freeze_but(stages: Mapping[str, Sequence[nn.Module]], opened: int) -> list[nn.Module]:
    """Make the first stages trainable, freeze the others, and return the frozen modules.

    A frozen batch normalisation must also keep its running statistics, as it does in Keras: call
    `eval()` on what is returned whenever `train()` has been called on the network.

    Args:
        stages: Modules of each stage, in the order in which they are opened: the head first.
        opened: How many of them are trained, from 0 to all.

    Raises:
        InputError: If there are not as many stages.
    """
    require(0 <= opened <= len(stages), "opened", f"0 to {len(stages)} stages", opened)
    frozen: list[nn.Module] = []
    for number, modules in enumerate(stages.values()):
        for module in modules:
            module.requires_grad_(number < opened)
            for part in module.modules():
                setattr(part, _FROZEN, number >= opened)
        if number >= opened:
            frozen += modules
    return frozen


def is_frozen(module: nn.Module) -> bool:
    """Return whether `freeze_but` left a module frozen, whatever its parameters require now."""
    return bool(getattr(module, _FROZEN, False))
