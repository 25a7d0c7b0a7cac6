"""What DataModules share that work on images already laid on the network's grid."""

from __future__ import annotations

from typing import Any

from core.data.cache import CachedSource
from core.data.gridded import GriddedSource
from core.data.module import ImageData
from core.data.sources.base import Source


class GriddedData(ImageData):
    """Images of one source, laid on the network's grid before anything else is done with them.

    Args:
        options: As of `ImageData`.

    Attributes:
        gridded: Images and masks on the network's grid, cached if the source is.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.gridded = self._on_grid()

    def prepare_data(self) -> None:
        """Decode everything once, and lay it on the grid where that is needed."""
        super().prepare_data()
        if isinstance(self.gridded, CachedSource) and self._needs_grid():
            self.gridded.build()

    def _whole_batches(self, samples: int) -> int:
        """Return the most samples that fill batches on all processes; all if they fill none.

        A last batch of one sample has no batch statistics; those left out change by epoch.
        """
        whole = self.batch_size * (self.trainer.world_size if self.trainer else 1)
        return max(samples - samples % whole, min(samples, whole))

    def _needs_grid(self) -> bool:
        """Whether the trainer's stage takes images from the grid."""
        return self.trainer is None or self.trainer.state.fn == "fit"

    def _on_grid(self) -> Source:
        laid = GriddedSource(self.source, self.grid, channels=self.channels)
        if isinstance(self.source, CachedSource):
            return CachedSource(laid, self.source.folder)
        return laid
