"""Writing pixels into DICOM: frames encoded one by one, and the attributes that describe them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.checks import require
from core.dicom.pixels import Array

if TYPE_CHECKING:  # pydicom and imagecodecs are imported when something is encoded
    from pydicom import Dataset

SYNTAXES: Final = {
    "implicit": "1.2.840.10008.1.2",
    "explicit": "1.2.840.10008.1.2.1",
    "deflated": "1.2.840.10008.1.2.1.99",
    "big_endian": "1.2.840.10008.1.2.2",
    "rle": "1.2.840.10008.1.2.5",
    "jpeg": "1.2.840.10008.1.2.4.50",
    "jpeg_lossless": "1.2.840.10008.1.2.4.70",
    "jpeg_ls": "1.2.840.10008.1.2.4.80",
    "jpeg_2000": "1.2.840.10008.1.2.4.90",
}
"""Transfer syntaxes (PS3.5 section 10) by short names; all keep the pixels but `jpeg`."""

_NATIVE = frozenset(SYNTAXES[name] for name in ("implicit", "explicit", "deflated", "big_endian"))
_MAX_SEGMENTS = 15  # an RLE header has room for so many (PS3.5 G.5)


def encode(frames: Iterable[Array], syntax: str) -> bytes:
    """Return the value of Pixel Data; what is compressed never lies in memory uncompressed.

    Args:
        frames: At least one, all alike: (H, W) grey or (H, W, 3) RGB, uint8 or uint16. They are
            taken one by one. Baseline JPEG takes 8 bits only.
        syntax: A transfer syntax UID of `SYNTAXES`. Deflating is the writer's: the pixels are
            those of `explicit`.

    Raises:
        InputError: If there is no frame, one differs from the first, or its type or the transfer
            syntax is not one of those.
    """
    from pydicom.encaps import encapsulate

    require(syntax in SYNTAXES.values(), "transfer syntax", " or ".join(SYNTAXES), syntax)
    encoder = _encoder(syntax)
    payloads = [encoder(np.ascontiguousarray(frame)) for frame in _alike(frames)]
    require(payloads, "frames", "at least one", "none")
    if syntax not in _NATIVE:
        return encapsulate(payloads)
    joined = b"".join(payloads)
    return joined + bytes(len(joined) % 2)


def set_pixels(
    dataset: Dataset, frames: Iterable[Array], syntax: str, *, colours: str = "", bits: int = 0
) -> None:
    """Put frames into a data set, with every attribute of the Image Pixel module they need.

    The data set's transfer syntax is not touched: it lies in the file's meta information.

    Args:
        dataset: Takes Pixel Data, size, bits, samples a pixel, Photometric Interpretation and, if
            there are several, the Number of Frames.
        frames: As for `encode`.
        syntax: As for `encode`.
        colours: Photometric Interpretation of one channel, MONOCHROME2 unless stated; three
            channels are RGB, unless the encoding turns them into YBR itself.
        bits: Bits Stored; all of them unless stated.

    Raises:
        InputError: As `encode`.
    """
    kinds: list[tuple[tuple[int, ...], int]] = []
    payload = encode(_noted(frames, kinds), syntax)
    (shape, itemsize), allocated = kinds[0], 8 * kinds[0][1]
    dataset.Rows, dataset.Columns = shape[:2]
    dataset.SamplesPerPixel = 3 if len(shape) == 3 else 1
    if len(shape) == 3:
        dataset.PlanarConfiguration = 0
    dataset.PhotometricInterpretation = _stored_colours(syntax, len(shape), colours)
    dataset.BitsAllocated, dataset.BitsStored = allocated, bits or allocated
    dataset.HighBit, dataset.PixelRepresentation = dataset.BitsStored - 1, 0
    if len(kinds) > 1:
        dataset.NumberOfFrames = len(kinds)
    if syntax == SYNTAXES["jpeg"]:
        dataset.LossyImageCompression, dataset.LossyImageCompressionMethod = "01", "ISO_10918_1"
    words = (itemsize > 1 and syntax in _NATIVE) or syntax == SYNTAXES["implicit"]
    dataset.add_new("PixelData", "OW" if words else "OB", payload)


def _noted(frames: Iterable[Array], kinds: list[tuple[tuple[int, ...], int]]) -> Iterator[Array]:
    for frame in frames:
        kinds.append((frame.shape, frame.dtype.itemsize))
        yield frame


def _alike(frames: Iterable[Array]) -> Iterator[Array]:
    """Pass frames on; refuse what is no image, or another kind of image than the first."""
    first = None
    for number, frame in enumerate(frames):
        image = frame.ndim == 2 or (frame.ndim == 3 and frame.shape[2] == 3)
        fits = image and frame.dtype in (np.uint8, np.uint16)
        require(fits, f"frame {number}", "(H, W) or (H, W, 3), uint8 or uint16", frame)
        first = (frame.shape, frame.dtype) if first is None else first
        require((frame.shape, frame.dtype) == first, f"frame {number}", "one like the first", frame)
        yield frame


def _stored_colours(syntax: str, dimensions: int, colours: str) -> str:
    if dimensions == 2:
        return colours or "MONOCHROME2"
    inside = {SYNTAXES["jpeg"]: "YBR_FULL_422", SYNTAXES["jpeg_2000"]: "YBR_RCT"}
    return inside.get(syntax, "RGB")


def _encoder(syntax: str) -> Callable[[Array], bytes]:
    """Return what turns one frame into its bytes."""
    if syntax in _NATIVE:
        big = syntax == SYNTAXES["big_endian"]
        return lambda frame: frame.astype(frame.dtype.newbyteorder(">" if big else "<")).tobytes()
    encoders = {"rle": _rle, "jpeg": _jpeg, "jpeg_lossless": _jpeg_lossless, "jpeg_ls": _jpeg_ls}
    return {SYNTAXES[name]: encoder for name, encoder in encoders.items()}.get(syntax, _jpeg_2000)


def _rle(frame: Array) -> bytes:
    """Return one frame by PS3.5 annex G: a segment a byte of each channel, the high byte first."""
    import imagecodecs

    channels = frame.reshape(*frame.shape[:2], -1)
    # the bytes of all channels as further columns: (H, W, channels x bytes)
    planes = channels.astype(frame.dtype.newbyteorder(">")).view(np.uint8)
    segments = [
        imagecodecs.packbits_encode(np.ascontiguousarray(planes[..., number]), axis=-1)
        for number in range(planes.shape[2])
    ]
    segments = [segment + bytes(len(segment) % 2) for segment in segments]
    starts = [64 + sum(map(len, segments[:number])) for number in range(len(segments))]
    unused = [0] * (_MAX_SEGMENTS - len(starts))
    return struct.pack("<16L", len(starts), *starts, *unused) + b"".join(segments)


def _jpeg(frame: Array) -> bytes:
    require(frame.dtype == np.uint8, "frame", "8 bits a channel for baseline JPEG", frame)
    colour: dict[str, Any] = {"outcolorspace": "YCBCR", "subsampling": "422"}
    return _turbo(frame, level=95, **(colour if frame.ndim == 3 else {}))


def _jpeg_lossless(frame: Array) -> bytes:
    space = "RGB" if frame.ndim == 3 else "GRAY"
    bits = 8 * frame.dtype.itemsize
    options = {"colorspace": space, "outcolorspace": space, "bitspersample": bits}
    return _turbo(frame, lossless=True, predictor=1, **options)


def _turbo(frame: Array, **options: Any) -> bytes:
    import imagecodecs

    return bytes(imagecodecs.jpeg8_encode(frame, **options))


def _jpeg_ls(frame: Array) -> bytes:
    import imagecodecs

    return bytes(imagecodecs.jpegls_encode(frame))


def _jpeg_2000(frame: Array) -> bytes:
    import imagecodecs

    coded = imagecodecs.jpeg2k_encode(frame, level=0, codecformat="J2K", reversible=True)
    return bytes(coded)
