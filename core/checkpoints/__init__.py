"""Checkpoint files that are either whole or not there."""

from core.checkpoints.files import SafeCheckpointIO, newest_valid, problem_with, read_checkpoint

__all__ = ["SafeCheckpointIO", "newest_valid", "problem_with", "read_checkpoint"]
