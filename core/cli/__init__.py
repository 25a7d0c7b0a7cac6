"""The command line that all projects share."""

from core.cli.main import main

__all__ = ["main"]
