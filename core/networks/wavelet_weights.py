"""Pretrained weights of the wavelet transfer network, from the files in which they are published.

The published networks take three colours; ours is grey. Three equal colours see the sum of a
kernel's slices, and mirrored borders let the 1x1 preprocessing pass into the first convolution, so
that folding both changes no number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from core.checks import require

Stored = Mapping[str, Tensor]
Kernels = list[tuple[Tensor, Tensor]]
"""Weight (out,in,3,3) and bias (out,) of each convolution, in the order of the image's way."""

FEATURE = r"features\.\d+\.weight"
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
KNOWN = (
    "weights of torchvision's VGG19 (vgg19-dcbb9e9d.pth), of WCT2 (wave_encoder_cat5_l4.pth, "
    "wave_decoder_cat5_l4.pth), or of a WaveletTransfer"
)


def load_weights(network: nn.Module, path: Path) -> None:
    """Load what a file holds: the encoder, the decoder, or the whole network with its style.

    Args:
        network: Has an `encoder` and a `decoder`, whose convolutions come in the image's order.
        path: A state dict of torchvision's VGG19, of WCT2's encoder or decoder (option "cat5"), or
            of a WaveletTransfer; or a checkpoint whose 'state_dict' holds one of these, or its run
            folder.

    Raises:
        InputError: If the file is missing, is none of these, or is of other widths.
    """
    from core.checkpoints import read_tensors  # heavy

    stored = read_tensors(path, KNOWN)
    for mark, half, layout in LAYOUTS:
        if mark in stored:
            return _fill(getattr(network, half), layout(stored), path)
    return _fill_whole(network, stored, path)


def _vgg19(stored: Stored) -> Kernels:
    """Return VGG19's convolutions for a grey image of 0..1."""
    numbers = sorted(int(key.split(".")[1]) for key in stored if re.fullmatch(FEATURE, key))
    kernels = [(stored[f"features.{n}.weight"], stored[f"features.{n}.bias"]) for n in numbers]
    mean, std = torch.tensor(IMAGENET_MEAN), torch.tensor(IMAGENET_STD)
    return [_for_grey(*kernels[0], gain=1 / std, shift=-mean / std), *kernels[1:]]


def _wct2_encoder(stored: Stored) -> Kernels:
    """Return the encoder's convolutions, its preprocessing folded into the first."""
    first, *others = _named(stored)
    gain = stored["conv0.weight"].sum((1, 2, 3))
    return [_for_grey(*first, gain=gain, shift=stored["conv0.bias"]), *others]


def _wct2_decoder(stored: Stored) -> Kernels:
    """Return the decoder's convolutions, the last of which gives the mean of its colours."""
    *others, (weight, bias) = reversed(_named(stored))
    return [*others, (weight.mean(0, keepdim=True), bias.mean(0, keepdim=True))]


LAYOUTS: list[tuple[str, str, Callable[[Stored], Kernels]]] = [
    ("features.0.weight", "encoder", _vgg19),
    ("conv0.weight", "encoder", _wct2_encoder),
    ("conv1_2_2.weight", "decoder", _wct2_decoder),
]
"""Key that tells a layout, the half of the network that it holds, and how it is read."""


def _named(stored: Stored) -> Kernels:
    """Return WCT2's convolutions by level and number: conv1_1, conv1_2 or conv1_2_2, conv2_1..."""
    names = sorted(key for key in stored if re.fullmatch(r"conv\d_\d(_2)?\.weight", key))
    return [(stored[name], stored[name.replace("weight", "bias")]) for name in names]


def _for_grey(weight: Tensor, bias: Tensor, gain: Tensor, shift: Tensor) -> tuple[Tensor, Tensor]:
    """Return the convolution of x whose like of the three colours gain * x + shift is given."""
    grey = torch.einsum("ocyx,c->oyx", weight, gain)
    return grey[:, None], bias + torch.einsum("ocyx,c->o", weight, shift)


@torch.no_grad()
def _fill(half: nn.Module, kernels: Kernels, path: Path) -> None:
    """Copy convolutions into half a network; VGG19 has more than its first levels need."""
    convs = [module for module in half.modules() if isinstance(module, nn.Conv2d)]
    counts = f"{len(convs)} convolutions or more", len(kernels)
    require(len(kernels) >= len(convs), f"weights {path}", *counts)
    for number, (conv, (weight, bias)) in enumerate(zip(convs, kernels, strict=False), 1):
        wanted, came = tuple(conv.weight.shape), tuple(weight.shape)
        require(came == wanted, f"weights {path}", f"convolution {number} of {wanted}", came)
        conv.weight.copy_(weight)
        conv.bias.copy_(bias)  # type: ignore[union-attr]  # all of these have one


def _fill_whole(network: nn.Module, stored: Stored, path: Path) -> None:
    """Load a state dict of this network, be it alone or a part of a larger model's."""
    own = network.state_dict()
    first = next(iter(own))
    prefixes = [key.removesuffix(first) for key in stored if key.endswith(first)]
    require(len(prefixes) == 1, f"weights {path}", KNOWN, ", ".join([*stored][:2]) or "nothing")
    fitting = {
        name: stored[prefixes[0] + name]
        for name, tensor in own.items()
        if getattr(stored.get(prefixes[0] + name), "shape", None) == tensor.shape
    }
    missing = ", ".join([name for name in own if name not in fitting][:1])
    expected = "a transfer network of these widths and places"
    require(not missing, f"weights {path}", expected, f"no {missing} that fits")
    network.load_state_dict(fitting)
