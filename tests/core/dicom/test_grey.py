import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels import apply_windowing
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

from core.checks import InputError
from core.dicom.grey import windowed
from core.dicom.still import read_still
from tests.dicoms import write_dicom

RAMP = np.arange(64, dtype=np.uint16).reshape(8, 8) * 65  # 0 to 4095, all of 12 bits
BYTES = np.arange(64, dtype=np.uint8).reshape(8, 8)


@pytest.fixture
def grey(tmp_path):
    """Writes grey values and header elements, and reads the levels."""

    def levels(values, colours="MONOCHROME2", white_level=None, **elements):
        path = write_dicom(tmp_path / "a.dcm", values, colours, **elements)
        return read_still(path, white_level=white_level)

    return levels


def voi_table(*entries, first=0, bits=16):
    item = Dataset()
    item.LUTDescriptor, item.LUTData = [len(entries), first, bits], list(entries)
    item["LUTDescriptor"].VR, item["LUTData"].VR = "US", "US"
    return [item]


def test_bytes_are_taken_as_they_lie(grey):
    np.testing.assert_array_equal(grey(BYTES), BYTES)


def test_window_of_bytes_is_not_applied(grey):
    np.testing.assert_array_equal(grey(BYTES, WindowCenter=10, WindowWidth=4), BYTES)


def test_fewer_than_8_stored_bits_fill_the_range(grey):
    levels = grey(BYTES, BitsStored=6)  # 0 to 63
    assert (levels[0, 0], levels[0, 1], levels[-1, -1]) == (0, 4, 255)  # 255 / 63 = 4.05


def test_monochrome1_stores_white_as_0(grey):
    np.testing.assert_array_equal(grey(BYTES, "MONOCHROME1"), 255 - BYTES)


def test_deep_values_are_scaled_from_their_stored_bits(grey):
    np.testing.assert_array_equal(grey(RAMP, BitsStored=12), np.rint(RAMP / 4095 * 255))
    np.testing.assert_array_equal(grey(RAMP), np.rint(RAMP / 65535 * 255))


def test_deep_monochrome1_is_inverted_after_scaling(grey):
    expected = 255 - np.rint(RAMP / 4095 * 255)
    np.testing.assert_array_equal(grey(RAMP, "MONOCHROME1", BitsStored=12), expected)


def test_byte_order_makes_no_difference(grey):
    little = grey(RAMP, BitsStored=12, encoding=ExplicitVRLittleEndian)
    np.testing.assert_array_equal(grey(RAMP, BitsStored=12, encoding=ExplicitVRBigEndian), little)


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_window_is_that_of_the_standard(function):
    header = Dataset()
    header.PhotometricInterpretation, header.PixelRepresentation = "MONOCHROME2", 0
    header.BitsStored, header.VOILUTFunction = 12, function
    header.WindowCenter, header.WindowWidth = 1500, 800
    expected = apply_windowing(RAMP, header) / 4095
    np.testing.assert_allclose(windowed(RAMP, 1500, 800, function), expected, atol=1e-12)


def test_deep_values_are_shown_through_their_first_window(grey):
    levels = grey(RAMP, BitsStored=12, WindowCenter=[1001, 5], WindowWidth=[1001, 6])
    share = np.clip((RAMP - 1000.5) / 1000 + 0.5, 0, 1)
    np.testing.assert_array_equal(levels, np.rint(share * 255))


def test_window_counts_in_rescaled_values(grey):
    window = {"WindowCenter": 2001, "WindowWidth": 2001}
    rescaled = grey(RAMP, RescaleSlope=2, RescaleIntercept=0, **window)
    halved = grey(RAMP, WindowCenter=1000.75, WindowWidth=1001)
    np.testing.assert_array_equal(rescaled, halved)


def test_look_up_table_comes_before_the_window(grey):
    values = np.tile(np.array([9, 10, 11, 13], np.uint16), (8, 2))
    table = voi_table(0, 65535, 13107, first=10)
    levels = grey(values, VOILUTSequence=table, WindowCenter=5, WindowWidth=2)
    assert levels[0].tolist() == [0, 0, 255, 51] * 2


def test_look_up_table_of_8_bits_serves_deep_values(grey):
    values = np.full((8, 8), 300, np.uint16)
    table = voi_table(*[7] * 300, 51, bits=8)
    assert (grey(values, VOILUTSequence=table) == 51).all()


def test_white_level_outweighs_the_window(grey):
    levels = grey(RAMP, white_level=4095, WindowCenter=5, WindowWidth=2)
    np.testing.assert_array_equal(levels, np.rint(RAMP / 4095 * 255))


def test_white_level_leaves_bytes_alone(grey):
    np.testing.assert_array_equal(grey(BYTES, white_level=4095), BYTES)


def test_value_above_the_white_level_is_named(grey):
    with pytest.raises(InputError, match=r"a\.dcm: expected values from 0 to 1000, got 0 to 4095"):
        grey(RAMP, white_level=1000)


def test_signed_values_fill_the_positive_half(grey):
    values = RAMP.astype(np.int16) * 8
    np.testing.assert_array_equal(grey(values), np.rint(RAMP * 8 / 32767 * 255))


def test_negative_values_without_a_window_are_refused(grey):
    with pytest.raises(
        InputError, match=r"a\.dcm: expected values from 0 to 32767, got -1 to 4094"
    ):
        grey(RAMP.astype(np.int16) - 1)


def test_negative_values_are_shown_through_a_window(grey):
    values = np.tile(np.array([-100, 0, 100, 200], np.int16), (8, 2))
    levels = grey(values, WindowCenter=0, WindowWidth=200, VOILUTFunction="LINEAR_EXACT")
    assert levels[0, :4].tolist() == [0, 128, 255, 255]


def test_window_without_width_is_refused(grey):
    with pytest.raises(InputError, match=r"a\.dcm: expected a window of positive width, got 0\.0"):
        grey(RAMP, WindowCenter=10, WindowWidth=0)
