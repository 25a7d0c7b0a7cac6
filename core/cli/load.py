"""A trained task from its checkpoint alone, for notebooks and scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from lightning.pytorch.cli import LightningArgumentParser

from core.checkpoints import load_weights, read_checkpoint
from core.checks import require
from core.cli.allowlist import allow_imports
from core.tasks import Task


def load_task(path: str | Path) -> Task:
    """Rebuild the task that a run trained, with its weights, in evaluation mode.

    Args:
        path: A checkpoint that a run of this house has written.

    Returns:
        The task; called with images (B, C, h, w) float32 in 0..1 it gives the network's raw output.

    Raises:
        InputError: If the file is damaged, or holds no config.
    """
    path = Path(path)
    card: Any = read_checkpoint(path).get("sonolab")
    require(card, f"checkpoint {path}", "a config in it, as runs of this house write")
    allow_imports()
    parser = LightningArgumentParser(exit_on_error=False)
    parser.add_lightning_class_args(Task, "model", subclass_mode=True)
    model = yaml.safe_load(card["config"])["model"]
    task: Task = parser.instantiate_classes(parser.parse_object({"model": model})).model
    load_weights(task, path)
    return task.eval()
