"""Taking weights from a checkpoint: all of them to measure, those that fit to fine-tune."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from core.checkpoints.files import read_checkpoint
from core.checkpoints.tensors import weights_file
from core.checks import require


def load_weights(model: nn.Module, path: Path, *, partly: bool = False) -> str:
    """Load a checkpoint's weights into a model.

    Args:
        model: What takes them.
        path: The checkpoint, or a run folder, whose best.ckpt is taken.
        partly: Take the tensors whose name and shape agree, for fine-tuning; at least half must.

    Returns:
        What was loaded, in one line.

    Raises:
        InputError: If the checkpoint is damaged or is of another network.
    """
    path = weights_file(path)
    stored = read_checkpoint(path)["state_dict"]
    own = model.state_dict()
    fitting = {
        name: tensor
        for name, tensor in stored.items()
        if name in own and own[name].shape == tensor.shape
    }
    others = sorted((stored.keys() | own.keys()) - fitting.keys())
    enough = len(fitting) >= len(own) / 2 if partly else not others
    missed = f"{len(fitting)} of {len(own)} tensors that fit; not {', '.join(others[:1])}"
    require(enough, f"checkpoint {path}", "weights of the configured network", missed)
    model.load_state_dict(fitting, strict=not partly)
    new = sorted(own.keys() - fitting.keys())
    anew = f"; as initialised: {', '.join(new)}" if new else ""
    return f"weights: {len(fitting)} of {len(own)} tensors from {path}{anew}"
