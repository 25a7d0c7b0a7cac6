"""The part of a page that is about classes: tables, matrices, curves and examples."""

from __future__ import annotations

from dataclasses import dataclass

from core.reports.class_numbers import class_table, machine_table
from core.reports.class_tiles import class_tiles
from core.reports.confusion import confusion_counts, hard_pairs, plot_confusion
from core.reports.drawing import Plot
from core.reports.embedding import plot_embedding
from core.reports.outlines import TileGroup
from core.reports.roc import plot_class_roc
from core.reports.run_folder import RunFolder
from core.reports.tables import Table
from core.reports.tiles import Images, plot_tiles


@dataclass(frozen=True, kw_only=True)
class Classification:
    """What a page shows of a classifier.

    Attributes:
        table: A row a class.
        machines: A row a machine; None where there is one.
        confusion: The matrix of the images, and of the sequences where they are known.
        pairs: The most frequent mistakes in words.
        roc: A curve a class, if drawn.
        embedding: The features in two dimensions, if kept.
        examples: Images told rightly and wrongly.
    """

    table: Table | None
    machines: Table | None
    confusion: list[Plot]
    pairs: list[str]
    roc: list[Plot]
    embedding: list[Plot]
    examples: list[TileGroup]

    @property
    def plots(self) -> list[Plot]:
        """All figures, also those that only lie beside the page."""
        tiles = {group.title: group.tiles for group in self.examples}
        return [
            *(*self.confusion, *self.roc, *self.embedding),
            plot_tiles("examples", "Test images", tiles, outlined=False),
        ]


def classification(run: RunFolder, images: Images) -> Classification | None:
    """Make what a page shows of a classifier; None for a run that classifies nothing."""
    if run.classified.empty:
        return None
    counts = confusion_counts(run.classified["truth"], run.classified["predicted"], run.classes)
    matrices = [plot_confusion(counts, "confusion", "Images", "images")]
    if len(run.sequences):
        voted = confusion_counts(run.sequences["truth"], run.sequences["majority"], run.classes)
        title = "Sequences, by majority vote"
        matrices.append(plot_confusion(voted, "confusion_sequences", title, "sequences"))
    roc, embedding = plot_class_roc(run.roc, run.classes), plot_embedding(run)
    return Classification(
        table=class_table(run),
        machines=machine_table(run),
        confusion=matrices,
        pairs=hard_pairs(counts, "images"),
        roc=[roc] if roc else [],
        embedding=[embedding] if embedding else [],
        examples=class_tiles(run, images),
    )
