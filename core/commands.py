"""Commands of the house: what goes wrong is one line, and the exit code says of what kind it is."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from core.checks import InputError, RunError

USAGE, FAILED, STOPPED = 2, 1, 130
"""Exit codes: what was asked for is wrong, the work failed, Ctrl-C (128 + SIGINT, as shells do)."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong with an option by an `InputError` of one line."""

    def error(self, message: str) -> NoReturn:
        """Raise it, where argparse would print its usage and end the process."""
        raise InputError(f"{message}; --help lists the options")


def run_command(work: Callable[[], int]) -> int:
    """Do the work of a command; with SONOLAB_DEBUG set, errors keep their traceback.

    Args:
        work: Parses, does what was asked for, and returns the exit code.

    Returns:
        The work's exit code; 2 when the input or an option is wrong, 1 when a run cannot go on or
        whoever read the output has left, 130 when the user stopped it.
    """
    try:
        code = work()
        sys.stdout.flush()
    except (InputError, RunError) as error:
        if os.environ.get("SONOLAB_DEBUG"):
            raise
        sys.stderr.write(f"error: {' '.join(str(error).split())}\n")
        return USAGE if isinstance(error, InputError) else FAILED
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return STOPPED
    except BrokenPipeError:
        _leave_stdout()
        return FAILED
    return code


def _leave_stdout() -> None:
    """Send what is still buffered nowhere; else Python complains of it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
