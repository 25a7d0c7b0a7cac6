"""Silences what Lightning and its neighbours say on every run and no user can act on."""

from __future__ import annotations

import logging
import warnings

_MESSAGES = [
    ".*does not have many workers.*",  # with the cache none is the fastest
    ".*sync_dist=True.*",  # our metrics are already the same on every process
    ".*intended to run from within Python.*",  # which is what we do
    ".*Checkpoint directory .* exists and is not empty.*",  # a resumed run's does
    ".*tensorboardX.*",  # runs log to CSV and W&B
    ".*smaller than the logging interval.*",  # epochs are logged whatever their length
    ".*across ranks is zero.*",  # a split may leave no images for validation
    ".*LeafSpec.*",  # between Lightning and torch
    "(?s).*does not round-trip.*",  # a tuple in a config becomes a list, which means the same
]
_LOGGERS = [
    "lightning.pytorch.utilities.rank_zero",
    "lightning.fabric.utilities.rank_zero",
    "lightning.fabric.utilities.seed",
]


def hush() -> None:
    """Install the filters; warnings and errors of any other kind still come through."""
    for message in _MESSAGES:
        warnings.filterwarnings("ignore", message)
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
