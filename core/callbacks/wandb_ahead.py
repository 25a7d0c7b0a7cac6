"""Imports what W&B imports at a process's first run, 2.4 s of it, before runs are forked."""

from contextlib import suppress

with suppress(ImportError):  # it is W&B's own affair, and may move
    import wandb.sdk.launch.inputs.internal  # noqa: F401
