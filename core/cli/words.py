"""The words of the command line that are ours; every other option belongs to the configuration.

Nothing here imports torch: help and refusals answer at once.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from core.checks import InputError, nearest, require

STAGES = {
    "fit": "train, then test the best checkpoint and write the report",
    "validate": "measure a checkpoint on the validation images",
    "test": "measure a checkpoint on the test images and write the report",
    "predict": "apply a checkpoint to a folder of images",
    "check-data": "read every image, list what is wrong or contradictory, draw it",
    "reproduce": "run one of the paper's tables or figures",
}


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was asked for on the command line."""

    stage: str
    config: list[str] = field(default_factory=list)
    ckpt: str | None = None
    resume: str | None = None
    finetune: Path | None = None
    run: str | None = None
    input: Path | None = None
    output: Path | None = None
    table: str | None = None
    size: str = "small"
    allow_untrained: bool = False
    overrides: list[str] = field(default_factory=list)


def parse_words(args: list[str]) -> Request:
    """Take our words out of the arguments.

    Raises:
        InputError: For an unknown stage, and for words that contradict each other.
    """
    stage, *rest = args
    require(
        stage in STAGES, "command", f"one of {', '.join(STAGES)}{nearest(stage, STAGES)}", stage
    )
    known, overrides = _parser().parse_known_args(rest)
    request = Request(stage=stage, overrides=overrides, **vars(known))
    _refuse_contradictions(request)
    return request


def _refuse_contradictions(request: Request) -> None:
    for override in request.overrides:
        wrong = override.startswith("--ckpt_path")
        require(
            not wrong,
            "--ckpt_path",
            "--ckpt to measure or apply, --resume to go on, --finetune to start from",
        )
    require(
        not (request.resume and request.finetune), "--resume and --finetune", "only one of the two"
    )
    for word in ("resume", "finetune"):
        require(
            request.stage == "fit" or not getattr(request, word),
            f"--{word}",
            "the command 'fit'",
            request.stage,
        )
    if request.stage == "fit":
        require(
            not request.ckpt,
            "--ckpt",
            "--resume RUN to go on with a run, or --finetune CKPT to start from weights",
        )
    if request.stage in ("validate", "test"):
        require(
            request.ckpt or request.allow_untrained,
            "--ckpt",
            "a checkpoint or run folder; --allow_untrained measures random weights",
        )
    if request.stage == "predict":
        for word in ("ckpt", "input", "output"):
            require(
                getattr(request, word),
                f"--{word}",
                "given with 'predict': --ckpt RUN --input FOLDER --output FOLDER",
            )
    require(
        request.stage != "reproduce" or request.table,
        "--table",
        "the name of a file in experiments/",
    )


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("-c", "--config", action="append", default=[])
    parser.add_argument("--ckpt")
    parser.add_argument("--resume", nargs="?", const="latest")
    parser.add_argument("--finetune", type=Path)
    parser.add_argument("--run")
    parser.add_argument("--input", type=Path)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--table")
    parser.add_argument("--size", choices=["small", "paper"], default="small")
    parser.add_argument("--allow_untrained", action="store_true")
    return parser
