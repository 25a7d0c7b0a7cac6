"""Images with annotations put on them: pairs for Noise2Noise, their clean image and their mask."""

from core.data.annotated.module import AnnotatedData
from core.data.annotated.write import write_pairs

__all__ = ["AnnotatedData", "write_pairs"]
