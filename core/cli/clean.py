"""`clean-images` and `check-annotations`: a checkpoint's task over a folder of images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.checks import require
from core.cli.words import Request
from core.files import printable, require_new_folder

if TYPE_CHECKING:
    from core.data import CineFolder, ImageFolder
    from core.grids import Grid


def run_tool(project_dir: Path, request: Request) -> None:
    """Run one of the two commands.

    Raises:
        InputError: For anything wrong in what the user gave.
        RunError: If something cannot be written.
    """
    source, output = Path(str(request.input)), Path(str(request.output))
    require_apart(source, output)
    task, grid = _load(project_dir, request)
    tool = _clean_images if request.stage == "clean-images" else _check_annotations
    tool(task, grid, project_dir, request)


def require_apart(source: Path, output: Path) -> None:
    """Refuse folders that meet: originals are never written to.

    Raises:
        InputError: If the source is no folder, or the output holds something, is the source, or
            lies inside it or around it.
    """
    require(source.is_dir(), "--input", "a folder of images", printable(source))
    ours, theirs = output.resolve(), source.resolve()
    apart = not (ours.is_relative_to(theirs) or theirs.is_relative_to(ours))
    require(apart, "--output", "a folder apart from that of the images", printable(output))
    require_new_folder(output, "--output")


def _load(project_dir: Path, request: Request) -> tuple[Any, Grid]:
    """Return a checkpoint's task, on the fastest device there is, and the grid it learnt on."""
    import torch

    from core.cli.load import load_task
    from core.cli.quiet import hush
    from core.cli.stored import stored_config
    from core.grids import Grid

    hush()
    config, checkpoint = stored_config(project_dir, request)
    arguments = dict(config or {})["data"]["init_args"]
    options = {key: arguments[key] for key in ("keep_aspect", "shrink") if key in arguments}
    task = load_task(str(checkpoint))
    device = torch.accelerator.current_accelerator(check_available=True)
    return task.to(device or "cpu"), Grid(size=tuple(arguments["size"]), **options)


def _clean_images(task: Any, grid: Grid, project_dir: Path, request: Request) -> None:
    from core.cleaning.cleaner import Cleaner
    from core.cleaning.folder import clean_folder, several_frames
    from core.data import ImageFolder
    from core.reports.cleaned import PAGE

    wanted = "a run whose task restores images, as RestorationTask does"
    require(hasattr(task, "restore"), "--ckpt", wanted, f"one of {type(task).__name__}")
    clean = Cleaner(
        task.restore,
        grid=grid,
        difference=task.difference,
        whole=request.whole,
        scale=1.0 if request.scale is None else request.scale,
        device=task.device,
    )
    source, output = ImageFolder(str(request.input)), Path(str(request.output))
    table = clean_folder(clean, source, output, model=_name(project_dir, request))
    cines = several_frames(source)
    first = f", of {cines} with several frames the first" if cines else ""
    found = int((table["annotations"] > 0).sum())
    tell_skipped(source)
    print(
        f"{len(table)} images cleaned{first}, annotations found in {found};"
        f" {len(source.skipped)} files skipped; contact sheet: {output / PAGE}"
    )


def _check_annotations(task: Any, grid: Grid, project_dir: Path, request: Request) -> None:
    from core.cleaning.check import check_folder
    from core.data import ImageFolder

    source, output = ImageFolder(str(request.input)), Path(str(request.output))
    page = check_folder(task, grid, source, output, request.required)
    tell_skipped(source)
    print(f"{len(source)} images checked; {len(source.skipped)} files skipped; page: {page}")


def _name(project_dir: Path, request: Request) -> str:
    """Say what cleans, without the folders of this machine."""
    path = Path(str(request.ckpt))
    of_run = path.suffix == ".ckpt" and path.parent.name == "checkpoints"
    return f"{project_dir.name}, {(path.resolve().parents[1] if of_run else path).name}"


def tell_skipped(source: ImageFolder | CineFolder) -> None:
    """Print which files were passed over, and why."""
    for name, reason in source.skipped.items():
        print(f"skipped {name}: {reason.removeprefix(f'{Path(name).name}: ')}")
