"""`compare`: tested runs of a project on one page."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.checks import InputError, first_line, require
from core.cli.run_folder import find_run, runs_dir
from core.cli.words import Request
from core.files import printable

if TYPE_CHECKING:
    from core.comparison.read import TestedRun
    from core.reports.tiles import Images

ALL = "all"
_LONGEST = 60  # letters of a folder's name


def compare(project_dir: Path, request: Request) -> None:
    """Write the page of the runs that were asked for, and print where it is.

    Raises:
        InputError: If one of them is no tested run of this project, or there are fewer than two.
    """
    runs, left_out = _chosen(project_dir, request.runs)
    for line in left_out:
        print(f"left out: {line}")
    require(len(runs) > 1, "--runs", "two or more tested runs", len(runs))
    from core.cli.quiet import hush
    from core.comparison.page import write_comparison  # brings matplotlib and torch
    from core.metrics.agreement import bland_altman

    hush()
    page = write_comparison(
        runs,
        request.output or runs_dir(project_dir) / _folder_name(request.runs),
        images_of(),
        bland_altman,
        project=project_dir.name,
        left_out=left_out,
    )
    print(f"{len(runs)} runs compared: {page}")


def _chosen(project_dir: Path, names: list[str]) -> tuple[list[TestedRun], list[str]]:
    """Return the runs of these names, and of all there are what to say of those left out."""
    from core.comparison.read import read_all, read_run

    if names == [ALL]:
        roots = sorted(path.parent for path in runs_dir(project_dir).glob("*/config.yaml"))
        return read_all(roots, project_dir.name)
    named = dict.fromkeys(find_run(project_dir, name).resolve() for name in names)
    return [read_run(root, project_dir.name) for root in named], []


def _folder_name(names: list[str]) -> str:
    """Return compare-<names>, or with a digest of them where that is too long."""
    joined = "-".join(Path(name).name for name in names)
    if len(joined) > _LONGEST:
        joined = hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]
    return f"compare-{joined}"


def images_of() -> Callable[[TestedRun], Images]:
    """Return what gives a run's test images; data is opened once for all runs that see it alike."""
    opened: dict[str, Images] = {}

    def images(run: TestedRun) -> Images:
        arguments = run.config["data"]["init_args"]
        seen = repr({key: value for key, value in arguments.items() if key != "split"})
        if seen not in opened:
            opened[seen] = _open(run, str(run.data.get("hash")))
        return opened[seen]

    return images


def _open(run: TestedRun, known_hash: str) -> Images:
    """Build a run's data anew; nothing is cached, since few images are looked at.

    Raises:
        InputError: If the data is not there any more, or is not what the run was tested on.
    """
    subject, expected = f"data of run '{printable(run.name)}'", "those that it was tested on"
    try:
        data = _build(run.config)
        data.setup("test")
        fingerprint = data.fingerprint
    except (ValueError, OSError) as error:  # what it says may name folders: not for the page
        print(f"{subject}: {first_line(error)}")
        raise InputError(f"{subject}: expected {expected}, got none that can be opened") from error
    require(fingerprint == known_hash, subject, expected, "others, by their hash")
    return data.shown  # type: ignore[no-any-return]


def _build(config: dict[str, Any]) -> Any:
    """Return the DataModule of a run's config."""
    from lightning.pytorch.cli import LightningArgumentParser

    from core.cli.allowlist import allow_imports
    from core.data.module import ImageData

    allow_imports()
    parser = LightningArgumentParser(exit_on_error=False)
    parser.add_lightning_class_args(ImageData, "data", subclass_mode=True)
    given = {**config["data"], "init_args": {**config["data"]["init_args"], "cache_dir": None}}
    return parser.instantiate_classes(parser.parse_object({"data": given})).data
