"""Checkpoint files that are either whole or not there."""

from core.checkpoints.files import SafeCheckpointIO, newest_valid, problem_with, read_checkpoint
from core.checkpoints.tensors import read_tensors
from core.checkpoints.weights import load_weights

__all__ = [
    "SafeCheckpointIO",
    "load_weights",
    "newest_valid",
    "problem_with",
    "read_checkpoint",
    "read_tensors",
]
