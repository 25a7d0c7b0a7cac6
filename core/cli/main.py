"""`python -m projects.<paper> COMMAND`: from the words on the command line to a finished run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from core.commands import run_command


def main(project_dir: str | Path, args: list[str] | None = None) -> int:
    """Run one command of a project.

    Args:
        project_dir: The project's folder, with config.yaml in it.
        args: Command-line arguments; None takes those of the process.

    Returns:
        The exit code: 0 when done, else as `run_command` says.
    """
    # Threads that spin while they wait make training many times slower where others use the cores
    # too, and no faster where nobody does. OpenMP reads this when torch is imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    project_dir = Path(project_dir)
    given = sys.argv[1:] if args is None else args
    asked = _help if _wants_help(given) else _run
    return run_command(lambda: asked(project_dir, given))


def _wants_help(args: list[str]) -> bool:
    return not args or any(arg in ("-h", "--help", "help") for arg in args)


def _help(project_dir: Path, args: list[str]) -> int:
    if "all" in args:
        from core.cli.stages import print_all_options

        print_all_options(project_dir)
    else:
        from core.cli.help import short_help

        print(short_help(project_dir))
    return 0


def _run(project_dir: Path, args: list[str]) -> int:
    from core.cli.words import TOOLS, parse_words

    request = parse_words(args)
    if request.stage == "reproduce":
        from core.cli.run_images import run_images
        from core.experiments import reproduce

        options = [*(f"--config={name}" for name in request.config), *request.overrides]
        reproduce(
            project_dir,
            str(request.table),
            request.size,
            options,
            jobs=request.jobs,
            ray=request.ray,
            images=run_images(project_dir.name),
        )
        return 0
    if request.stage == "explain":
        from core.cli.explain import explain

        explain(project_dir, request)
        return 0
    if request.stage == "why":
        from core.cli.run_folder import find_run
        from core.comparison.why import why

        print(why(*(find_run(project_dir, name) for name in request.runs)))
        return 0
    if request.stage == "compare":
        from core.cli.compare import compare

        compare(project_dir, request)
        return 0
    if request.stage in TOOLS:
        from core.cli.clean import run_tool

        run_tool(project_dir, request)
        return 0
    from core.cli.run_folder import leave_run_dir
    from core.cli.stages import run_stage

    try:
        run_stage(project_dir, request)
    finally:
        leave_run_dir()
    return 0
