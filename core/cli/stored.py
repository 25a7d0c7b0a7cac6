"""The config that a run or a checkpoint was made with, and what has been changed of it since."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import yaml

from core.callbacks.exact_resume import PATTERN
from core.checkpoints import newest_valid, read_checkpoint
from core.checks import require
from core.cli.run_folder import find_run
from core.cli.stack import differences, read_stack
from core.cli.words import Request
from core.dotted import Config
from core.overlays import read_yaml
from core.tasks.base import CARD

_RESTORED: Final = ("model.optimizer", "model.discriminator_optimizer", "model.scheduler")
"""What a resumed run takes from its checkpoint, with all numbers."""


def stored_config(project_dir: Path, request: Request) -> tuple[Config | None, Path | None]:
    """Return the config that a run or checkpoint was made with, and the checkpoint's file.

    Returns:
        None and None for a new run.

    Raises:
        InputError: If there is no such run or checkpoint, or it is another project's.
    """
    if request.resume:
        run_dir = find_run(project_dir, request.resume)
        return read_yaml(run_dir / "config.yaml"), newest_valid(run_dir / "checkpoints", PATTERN)
    if not request.ckpt:
        return None, None
    path = _find_checkpoint(project_dir, request.ckpt)
    # Devices, loggers and callbacks of the training have no say in where its checkpoint is used.
    trainer = read_stack(project_dir, [])["trainer"]
    return {**_config_of(path, project_dir), "trainer": trainer}, path


def _find_checkpoint(project_dir: Path, name: str) -> Path:
    """Return a checkpoint's file; a run stands for its best one."""
    path = Path(name)
    if not path.is_file():
        path = find_run(project_dir, name) / "checkpoints" / "best.ckpt"
    require(
        path.is_file(),
        "--ckpt",
        "a checkpoint file, or a run with checkpoints/best.ckpt",
        str(path),
    )
    return path


def _config_of(path: Path, project_dir: Path) -> Config:
    """The config inside a checkpoint, or the config.yaml of the run that it lies in."""
    card = read_checkpoint(path).get(CARD)
    if card is None:
        beside = path.resolve().parents[1] / "config.yaml"
        require(
            beside.is_file(),
            f"checkpoint {path}",
            "a config in it, or config.yaml in its run folder",
        )
        return read_yaml(beside)
    of_this = card["project"] == project_dir.name
    require(
        of_this,
        f"checkpoint {path}",
        f"one of project {project_dir.name}",
        f"one of {card['project']}",
    )
    return dict(yaml.safe_load(card["config"]))


def show_differences(stored: Config, config: Config, request: Request) -> None:
    """Print the values that are no longer those of the run or checkpoint.

    Raises:
        InputError: If a resumed run is to have another optimiser or scheduler.
    """
    changed = differences(stored, config)
    if not request.resume:  # and to predict is to point the source elsewhere
        others = ("trainer.", "data.source.") if request.stage == "predict" else ("trainer.",)
        changed = [line for line in changed if not line.startswith(others)]
    kept = [line for line in changed if line.startswith(_RESTORED)] if request.resume else []
    require(
        not kept,
        "--resume",
        "the optimiser and scheduler as they were stored; --finetune starts anew with others",
        "; ".join(kept),
    )
    if changed:
        print("Values that differ from the stored ones; these win:", *changed, sep="\n  ")
