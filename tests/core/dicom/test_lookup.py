import numpy as np
import pytest
from PIL import Image
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from core.checks import InputError
from core.dicom.still import read_still
from tests.dicoms import dataset, write

ENCODINGS = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]
INDICES = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
COLOURS = np.random.default_rng(1).integers(0, 256, (256, 3), dtype=np.uint8)


@pytest.fixture
def shown(tmp_path):
    """The colours of indices with this palette: its entries by channel, as they are stored."""

    def read(indices, entries, *, bits=16, first=0, encoding=ExplicitVRLittleEndian, packed=False):
        ds = dataset(indices, "PALETTE COLOR", encoding=encoding)
        order = "<u2" if encoding.is_little_endian else ">u2"
        for name, channel in zip(("Red", "Green", "Blue"), entries.T, strict=True):
            words = channel.astype(np.uint8).view("<u2") if packed else channel
            keyword = f"{name}PaletteColorLookupTable"
            setattr(ds, f"{keyword}Descriptor", [len(entries) % 65536, first, bits])
            ds[f"{keyword}Descriptor"].VR = "US"
            setattr(ds, f"{keyword}Data", words.astype(order).tobytes())
        return read_still(write(tmp_path / "a.dcm", ds))

    return read


def looked_up_by_pillow(indices, colours):
    image = Image.fromarray(indices)
    image.putpalette(colours.tobytes())
    return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("factor", [256, 257])
def test_16_bit_entries_give_their_high_byte(shown, encoding, factor):
    rgb = shown(INDICES, COLOURS.astype(np.uint16) * factor, encoding=encoding)
    np.testing.assert_array_equal(rgb, looked_up_by_pillow(INDICES, COLOURS))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_8_bit_entries_packed_into_words(shown, encoding):
    rgb = shown(INDICES, COLOURS, bits=8, packed=True, encoding=encoding)
    np.testing.assert_array_equal(rgb, looked_up_by_pillow(INDICES, COLOURS))


def test_8_bit_entries_in_words_are_not_shifted_away(shown):
    rgb = shown(INDICES, COLOURS.astype(np.uint16))
    np.testing.assert_array_equal(rgb, looked_up_by_pillow(INDICES, COLOURS))


def test_indices_beyond_the_palette_take_its_ends(shown):
    entries = np.array([[1, 2, 3], [4, 5, 6]], np.uint16) << 8
    indices = np.tile(np.array([0, 9, 10, 11, 12, 255], np.uint8), (8, 2))
    rgb = shown(indices, entries, first=10)
    assert rgb[0, :6, 0].tolist() == [1, 1, 1, 4, 4, 4]


def test_deep_indices_into_8_bit_entries(shown):
    entries = np.tile(np.arange(1000)[:, None] // 4, (1, 3)).astype(np.uint8)
    rgb = shown(np.full((8, 8), 900, np.uint16), entries, bits=8, packed=True)
    assert (rgb == 225).all()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_palette_in_segments_is_expanded(tmp_path, encoding):
    ds = dataset(np.tile(np.arange(8, dtype=np.uint8), (8, 1)), "PALETTE COLOR", encoding=encoding)
    order = "<u2" if encoding.is_little_endian else ">u2"
    # two entries as they are; then from the last one in 4 steps up to 9 << 8; then 2 more
    segments = np.array([0, 2, 0, 5 << 8, 1, 4, 9 << 8, 0, 2, 1 << 8, 2 << 8])
    for name in ("Red", "Green", "Blue"):
        setattr(ds, f"{name}PaletteColorLookupTableDescriptor", [8, 0, 16])
        ds[f"{name}PaletteColorLookupTableDescriptor"].VR = "US"
        keyword = f"Segmented{name}PaletteColorLookupTableData"
        setattr(ds, keyword, segments.astype(order).tobytes())
    rgb = read_still(write(tmp_path / "a.dcm", ds))
    assert rgb[0, :, 1].tolist() == [0, 5, 6, 7, 8, 9, 1, 2]


def test_torn_palette_is_refused(shown, tmp_path):
    ds = dataset(INDICES, "PALETTE COLOR")
    for name in ("Red", "Green", "Blue"):
        setattr(ds, f"{name}PaletteColorLookupTableDescriptor", [256, 0, 16])
        ds[f"{name}PaletteColorLookupTableDescriptor"].VR = "US"
        setattr(ds, f"{name}PaletteColorLookupTableData", bytes(100))
    with pytest.raises(
        InputError, match=r"a\.dcm: expected a palette with all its entries, got 100 of 256"
    ):
        read_still(write(tmp_path / "a.dcm", ds))
