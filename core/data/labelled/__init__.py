"""Data whose samples each show one class, such as a standard view: frames of cines, or clips."""

from core.data.labelled.module import LabelledData

__all__ = ["LabelledData"]
