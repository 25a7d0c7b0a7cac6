"""A run's test images, for figures that show them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.comparison.read import TestedRun
    from core.reports.tiles import Images


def run_images(project: str) -> Callable[[Path], Images]:
    """Return what gives a run's test images; it opens no data before it is asked for some.

    Args:
        project: The runs' project.
    """
    opened: list[Callable[[TestedRun], Images]] = []

    def images(root: Path) -> Images:
        from core.cli.compare import images_of  # brings lightning
        from core.comparison.read import read_run

        if not opened:
            opened.append(images_of())
        return opened[0](read_run(root, project))

    return images
