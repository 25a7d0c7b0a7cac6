"""Pages as templates: every value escaped, every picture inside the page."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import jinja2
from PIL import Image as PilImage

from core.reports.contours import PREDICTION_RGB, TRUTH_RGB, Image


def render(template: str | Path, **values: Any) -> str:
    """Fill a template; the filters `jpeg` and `png` put pictures into the page.

    Args:
        template: A file of this folder, or the path of one elsewhere that may lie over these.
        values: What it shows.
    """
    path = Path(__file__).parent / template  # which an absolute path replaces
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader([path.parent, Path(__file__).parent]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    pages.filters.update(jpeg=jpeg_uri, png=_png_uri)
    pages.globals.update(truth_rgb=TRUTH_RGB, prediction_rgb=PREDICTION_RGB)
    return pages.get_template(path.name).render(**values)


def jpeg_uri(picture: Image, quality: int = 88) -> str:
    """Return a (H, W, 3) uint8 picture as a data URI.

    Colour is stored at full resolution: the usual half resolution would blur thin coloured lines.
    """
    buffer = io.BytesIO()
    PilImage.fromarray(picture).save(buffer, "JPEG", quality=quality, subsampling=0)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _png_uri(path: Path) -> str:
    """Return a PNG file as a data URI."""
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"
