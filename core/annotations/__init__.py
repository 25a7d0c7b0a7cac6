"""Annotations of ultrasound machines, drawn on clean images."""

from core.annotations.annotator import KINDS, Annotated, Annotator
from core.annotations.body_marker import BodyMarker
from core.annotations.flow_box import FlowBox
from core.annotations.kind import Kind
from core.annotations.radial_line import RadialLine
from core.annotations.text_label import TextLabel

__all__ = [
    "KINDS",
    "Annotated",
    "Annotator",
    "BodyMarker",
    "FlowBox",
    "Kind",
    "RadialLine",
    "TextLabel",
]
