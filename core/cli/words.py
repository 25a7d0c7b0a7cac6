"""The words of the command line that are ours; every other option belongs to the configuration.

Nothing here imports torch: help and refusals answer at once.
"""

from __future__ import annotations

import argparse
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Literal

from core.checks import nearest, require
from core.commands import Parser

STAGES = {
    "fit": "train, then test the best checkpoint and write the report",
    "validate": "measure a checkpoint on the validation images",
    "test": "measure a checkpoint on the test images and write the report",
    "predict": "apply a checkpoint to a folder of images or cines",
    "clean-images": "take annotations off a folder of images, into another folder",
    "check-annotations": "list which annotations each image of a folder bears",
    "write-pairs": "write pairs of annotated images, with clean image and mask, as a dataset",
    "check-data": "read every image, list what is wrong or contradictory, draw it",
    "reproduce": "run one of the paper's tables or figures, or all of them",
    "explain": "list every value of the config and what set it; --only KEY for some",
    "why": "tell in what two runs differ: --runs a b",
    "compare": "hold tested runs against each other on one page: --runs a b c, or all",
}

FOLDER_STAGES = ("predict", "clean-images", "check-annotations")
"""The commands that take a checkpoint to a folder of images."""

TOOLS = ("clean-images", "check-annotations")
"""Those of them that take no option of the configuration: their checkpoint's is all they need."""

_BELONGS = {
    "resume": ("fit",),
    "finetune": ("fit",),
    "whole": ("clean-images",),
    "scale": ("clean-images",),
    "required": ("check-annotations",),
    "only": ("explain",),
    "jobs": ("reproduce",),
    "ray": ("reproduce",),
    "runs": ("compare", "why"),
}
"""Words that not all commands know."""


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
    jobs: int | None = None
    ray: str | None = None
    runs: list[str] = field(default_factory=list)
    whole: bool = False
    scale: float | Literal["fit"] | None = None
    required: list[str] = field(default_factory=list)
    only: list[str] = field(default_factory=list)
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
    _ask_for_missing(request)
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
    for word, stages in _BELONGS.items():
        known, fits = " or ".join(stages), request.stage in stages or not getattr(request, word)
        require(fits, f"--{word}", f"the command '{known}'", request.stage)
    if request.stage in ("fit", "explain"):
        require(
            not request.ckpt,
            "--ckpt",
            "--resume RUN to go on with a run, or --finetune CKPT to start from weights",
        )
    if request.stage in (*TOOLS, "compare", "why"):
        more = [*request.overrides, *(f"--config {name}" for name in request.config)]
        known = "no option of the configuration: what is stored counts"
        require(not more, request.stage, known, " ".join(more))


def _ask_for_missing(request: Request) -> None:
    if request.stage in ("validate", "test"):
        require(
            request.ckpt or request.allow_untrained,
            "--ckpt",
            "a checkpoint or run folder; --allow_untrained measures random weights",
        )
    if request.stage in FOLDER_STAGES:
        given = f"given with '{request.stage}': --ckpt RUN --input FOLDER --output FOLDER"
        for word in ("ckpt", "input", "output"):
            require(getattr(request, word), f"--{word}", given)
    if request.stage == "write-pairs":
        require(request.output, "--output", "given with 'write-pairs': a new folder")
    if request.stage == "compare":
        require(request.runs, "--runs", "names or folders of runs, or all")
    if request.stage == "why":
        require(len(request.runs) == 2, "--runs", "two runs", " ".join(request.runs) or "none")
    require(
        request.stage != "reproduce" or request.table,
        "--table",
        "the name of a file in experiments/, or all",
    )


def _number_or_fit(word: str) -> float | Literal["fit"]:
    if word == "fit":
        return "fit"
    with suppress(ValueError):
        if 0 < (number := float(word)) < inf:
            return number
    raise argparse.ArgumentTypeError(f"expected a positive number or 'fit', got '{word}'")


def _count(word: str) -> int:
    if word.isdecimal() and int(word):
        return int(word)
    raise argparse.ArgumentTypeError(f"expected a number from 1 up, got '{word}'")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("-c", "--config", action="append", default=[])
    parser.add_argument("--ckpt")
    parser.add_argument("--resume", nargs="?", const="latest")
    parser.add_argument("--finetune", type=Path)
    parser.add_argument("--run")
    parser.add_argument("--input", type=Path)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--table")
    parser.add_argument("--size", choices=["small", "paper"], default="small")
    parser.add_argument("--jobs", type=_count)
    parser.add_argument("--ray")
    parser.add_argument("--runs", nargs="+", default=[])
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--scale", type=_number_or_fit)
    parser.add_argument("--required", nargs="+", default=[])
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--allow_untrained", action="store_true")
    return parser
