"""What a config's class_path may import: importing runs code, and configs come from elsewhere."""

from __future__ import annotations

from jsonargparse import set_parsing_settings

IMPORTABLE = [
    "core",
    "projects",
    "lightning",
    "torch",
    "torchmetrics",
    "albumentations",
    "segmentation_models_pytorch",
    "timm",
]


def allow_imports() -> None:
    """Let the parser import from these packages and from nothing else."""
    set_parsing_settings(import_path_denylist=["*"], import_path_allowlist=IMPORTABLE)
