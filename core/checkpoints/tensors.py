"""Tensors by name, from whatever kind of file weights are handed around in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.checkpoints.files import problem_with
from core.checks import InputError, first_line, require


def read_tensors(path: Path, expected: str) -> dict[str, Tensor]:
    """Return the tensors of a file of weights by name.

    Args:
        path: A state dict, .safetensors or PyTorch's; a checkpoint that holds one as 'state_dict';
            or a run folder, whose best.ckpt is taken.
        expected: What would have been right, for the error.

    Raises:
        InputError: If the file is missing, torn or altered, or holds more than plain data.
    """
    file = weights_file(path)
    subject, problem = f"weights {file}", problem_with(file)
    require(not problem, subject, expected, problem)
    try:
        content = _content(file)
    except Exception as error:  # both libraries raise unrelated types for foreign files
        raise InputError(f"{subject}: expected {expected}, got {first_line(error)}") from error
    content = content.get("state_dict", content) if isinstance(content, dict) else content
    require(isinstance(content, dict), subject, expected, type(content).__name__)
    return {name: value for name, value in content.items() if isinstance(value, Tensor)}


def weights_file(path: Path) -> Path:
    """Return the best checkpoint of a run folder; anything else is the file itself."""
    return path / "checkpoints" / "best.ckpt" if path.is_dir() else path


def _content(file: Path) -> Any:
    if file.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(file)
    return torch.load(file, map_location="cpu", weights_only=True)
