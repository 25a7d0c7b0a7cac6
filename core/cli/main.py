"""`python -m projects.<paper> COMMAND`: from the words on the command line to a finished run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from core.checks import InputError, RunError

USAGE, FAILED = 2, 1


def main(project_dir: str | Path, args: list[str] | None = None) -> int:
    """Run one command of a project.

    Args:
        project_dir: The project's folder, with config.yaml in it.
        args: Command-line arguments; None takes those of the process.

    Returns:
        The exit code: 0 when done, 2 when what was asked for is wrong, 1 when the run failed.
    """
    # Threads that spin while they wait make training many times slower where others use the cores
    # too, and no faster where nobody does. OpenMP reads this when torch is imported.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    project_dir = Path(project_dir)
    given = sys.argv[1:] if args is None else args
    try:
        if _wants_help(given):
            _help(project_dir, given)
        else:
            _run(project_dir, given)
    except InputError as error:
        return _complain(error, USAGE)
    except RunError as error:
        return _complain(error, FAILED)
    return 0


def _wants_help(args: list[str]) -> bool:
    return not args or any(arg in ("-h", "--help", "help") for arg in args)


def _help(project_dir: Path, args: list[str]) -> None:
    if "all" in args:
        from core.cli.stages import print_all_options

        print_all_options(project_dir)
    else:
        from core.cli.help import short_help

        print(short_help(project_dir))


def _run(project_dir: Path, args: list[str]) -> None:
    from core.cli.words import TOOLS, parse_words

    request = parse_words(args)
    if request.stage == "reproduce":
        from core.experiments import reproduce

        reproduce(project_dir, str(request.table), request.size, request.overrides)
        return
    if request.stage in TOOLS:
        from core.cli.clean import run_tool

        run_tool(project_dir, request)
        return
    from core.cli.run_folder import leave_run_dir
    from core.cli.stages import run_stage

    try:
        run_stage(project_dir, request)
    finally:
        leave_run_dir()


def _complain(error: Exception, code: int) -> int:
    """Say what is wrong in one line; with SONOLAB_DEBUG set, say where as well."""
    if os.environ.get("SONOLAB_DEBUG"):
        raise error
    print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
    return code
