"""Weights that a classifier starts from: ImageNet's, or those of another run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from core.checks import InputError, first_line, require

Stored = Mapping[str, Tensor]
KNOWN = "a state dict of this network (.pth, .safetensors), a checkpoint or a run folder"


def take_weights(body: nn.Module, path: Path, head: tuple[str, ...]) -> None:
    """Fill a network from a file; its head stays as it is where that of the file does not fit.

    Args:
        body: The network.
        path: State dict of the network or of a larger model around it, .safetensors or PyTorch's;
            a checkpoint that holds one as 'state_dict'; or a run folder, whose best.ckpt is taken.
        head: What the names of the head's tensors start with; all of them are taken, or none.

    Raises:
        InputError: If the file is missing, damaged or altered, or is of another network.
    """
    from core.checkpoints import read_tensors  # heavy

    fill(body, read_tensors(path, KNOWN), f"weights {path}", head)


def take_hub_weights(body: nn.Module, name: str, head: tuple[str, ...]) -> None:
    """Fill a network with the weights that timm publishes under this name ("vgg16.tv_in1k").

    Raises:
        InputError: If they cannot be had.
    """
    from timm.models import load_state_dict_from_hf  # heavy

    try:
        stored = load_state_dict_from_hf(f"timm/{name}")
    except Exception as error:  # the hub, its client and the network each raise their own
        raise InputError(
            f"weights: expected {name} from the Hugging Face hub or its cache, got "
            f"{first_line(error)}; without a connection give weights as a file: {KNOWN}"
        ) from error
    fill(body, stored, f"weights {name}", head)


def fill(body: nn.Module, stored: Stored, source: str, head: tuple[str, ...]) -> None:
    """Copy tensors into a network by name, behind whatever prefix a larger model gave them.

    Raises:
        InputError: If one outside the head is missing or of another shape.
    """
    own = body.state_dict()
    fitting = _fitting(own, _without_prefix(stored, next(iter(own))))
    of_head = {name for name in own if name.startswith(head)}
    if not of_head <= fitting.keys():
        fitting = {name: fitting[name] for name in fitting.keys() - of_head}
    # Old files do not count batches, and nothing here depends on their number.
    counts = {name for name in own if name.endswith("num_batches_tracked")}
    missing = [name for name in own if name not in fitting.keys() | of_head | counts]
    came = f"none that fit {len(missing)} of {len(own)}: {', '.join(missing[:2])}"
    require(not missing, source, f"the tensors of {type(body).__name__}", came)
    body.load_state_dict(fitting, strict=False)


def _fitting(own: Stored, stored: Stored) -> dict[str, Tensor]:
    return {
        name: stored[name]
        for name, tensor in own.items()
        if name in stored and stored[name].shape == tensor.shape
    }


def _without_prefix(stored: Stored, first: str) -> Stored:
    """Return the tensors below the shortest prefix under which the network's first is found."""
    prefixes = sorted(
        (name.removesuffix(first) for name in stored if f".{name}".endswith(f".{first}")), key=len
    )
    prefix = prefixes[0] if prefixes else ""
    below = {name: tensor for name, tensor in stored.items() if name.startswith(prefix)}
    return {name.removeprefix(prefix): tensor for name, tensor in below.items()}
