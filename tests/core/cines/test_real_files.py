"""Real cines and stills of many makers, where they are at hand."""

from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import get_frame

from core.checks import InputError
from core.cines import find_cines, open_cine

DATA = Path(__file__).parents[3] / "../shared/data"
NONE = np.nan
CX50 = "Philips Medical Systems CX50"
TABLE = {
    "dicom/pydicom_deid-data__GREYSCALE_IMAGE.dcm": (1, (768, 1024), False, "Philips Medical Systems EPIQ 5G", 0.0649),
    "dicom/pydicom_deid-data__RGB_IMAGE.dcm": (1, (768, 1024), True, "SIEMENS S2000", 0.2379),
    "dicom/pydicom_pydicom-data__JPGLosslessP14SV1_1s_1f_8b.dcm": (1, (768, 1024), False, "Philips Medical Systems EPIQ 7C", 0.2548),
    "dicom/pydicom_pydicom-data__OBXXXX1A.dcm": (1, (600, 800), True, CX50, 0.2623),
    "dicom/pydicom_pydicom-data__OBXXXX1A_2frame.dcm": (2, (600, 800), True, CX50, 0.2623),
    "dicom/pydicom_pydicom-data__OBXXXX1A_expb.dcm": (1, (600, 800), True, CX50, 0.2623),
    "dicom/pydicom_pydicom-data__OBXXXX1A_expb_2frame.dcm": (2, (600, 800), True, CX50, 0.2623),
    "dicom/pydicom_pydicom-data__OBXXXX1A_rle.dcm": (1, (600, 800), True, CX50, 0.2623),
    "dicom/pydicom_pydicom-data__OBXXXX1A_rle_2frame.dcm": (2, (600, 800), True, CX50, 0.2623),
    "dicom/pydicom_pydicom-data__US1_UNCI.dcm": (1, (480, 640), True, "G.E. Medical Systems LOGIQ 700", NONE),
    "dicom/pydicom_pydicom-data__color-pl.dcm": (1, (120, 256), True, "Acme Products", NONE),
    "dicom/pydicom_pydicom-data__color-px.dcm": (1, (120, 256), True, "Acme Products", NONE),
    "dicom/pydicom_pydicom-data__gdcm-US-ALOKA-16.dcm": (1, (480, 640), True, "ALOKA CO., LTD. SSD-4000", 0.3827),
    "dicom/pydicom_pydicom-data__gdcm-US-ALOKA-16_big.dcm": (1, (480, 640), True, "ALOKA CO., LTD. SSD-4000", 0.3827),
    "dicom/pydicom_pydicom__ExplVR_BigEnd.dcm": (1, (60, 80), True, "G.E. Medical Systems LOGIQ 700", NONE),
    "dicom/pydicom_pydicom__examples_jpeg2k.dcm": (1, (480, 640), True, "G.E. Medical Systems LOGIQ 700", NONE),
    "dicom/pydicom_pydicom__examples_palette.dcm": (1, (350, 800), True, CX50, NONE),
    "dicom/pydicom_pydicom__examples_rgb_color.dcm": (1, (240, 320), True, "G.E. Medical Systems LOGIQ 700", NONE),
    "dicom/pydicom_pydicom__examples_ybr_color.dcm": (30, (240, 320), True, "SonoSite, Inc. Turbo", NONE),
    "handheld/butterfly-ocular-phantom.mp4": (369, (1080, 776), True, "", NONE),
    "handheld/butterfly_axial-lateral-resolution-2020.png": (1, (1080, 1928), True, "", NONE),
    "handheld/clarius-ocular-image.png": (1, (960, 1280), True, "", NONE),
    "handheld/clarius-ocular-short.mp4": (50, (960, 1280), True, "", NONE),
    "handheld/clarius_axial-lateral-resolution-2020.png": (1, (960, 1280), True, "", NONE),
    "handheld/interson-image-annotation.jpg": (1, (870, 1357), True, "", NONE),
    "handheld/interson-image.jpg": (1, (870, 1357), True, "", NONE),
    "handheld/interson-phantom.png": (1, (912, 1469), True, "", NONE),
    "handheld/sonoque_anechoic-3mm-3mm.dcm": (1, (1455, 2083), True, "", 0.0291),
    "handheld/sonoque_axial-lateral-resolution-2020.dcm": (1, (1455, 2083), True, "", 0.0291),
    "handheld/sonosite-anon-eye1-video.mp4": (100, (720, 960), True, "", NONE),
    "handheld/sonosite-anon-eye1.jpg": (1, (720, 960), True, "", NONE),
}  # fmt: skip
"""Frames, size, colour, machine, millimetres between rows."""
REFUSED = ("handheld/LICENSE", "handheld/sonivate-anechoic_1-1.nrrd")

pytestmark = [
    pytest.mark.skipif(not (DATA / "dicom").exists(), reason="needs ../shared/data/dicom and handheld"),
    pytest.mark.filterwarnings("ignore::UserWarning:pydicom"),
]  # fmt: skip


def dicom(part):
    [path] = DATA.glob(f"dicom/*__{part}.dcm")
    return path


def test_table_holds_every_file():
    found = [path for folder in ("dicom", "handheld") for path in find_cines(DATA / folder)]
    assert {path.relative_to(DATA).as_posix() for path in found} == {*TABLE, *REFUSED}


@pytest.mark.parametrize("name", TABLE)
def test_file_is_what_the_table_says(name):
    frames, size, colour, machine, row_mm = TABLE[name]
    with open_cine(DATA / name) as cine:
        came = (cine.frames, cine.size, cine.colour, f"{cine.maker} {cine.model}".strip())
        assert came == (frames, size, colour, machine)
        np.testing.assert_allclose(cine.spacing.row_mm, row_mm, atol=5e-5)
        assert cine[0].std() > 5


@pytest.mark.parametrize("name", REFUSED)
def test_file_of_another_kind_is_refused(name):
    with pytest.raises(InputError, match="expected a DICOM, video or image file"):
        open_cine(DATA / name)


def test_every_frame_of_a_colour_jpeg_cine_is_that_of_pillow():
    import io

    path = dicom("examples_ybr_color")
    ds = pydicom.dcmread(path)
    with open_cine(path) as cine, open_cine(path, grey=True) as grey:
        assert cine.fps == pytest.approx(30, abs=0.001)
        for number in range(30):
            payload = get_frame(ds.PixelData, number, number_of_frames=30)
            image = Image.open(io.BytesIO(payload))
            np.testing.assert_array_equal(cine[number], np.asarray(image.convert("RGB")))
            ybr = imagecodecs.jpeg8_decode(payload, outcolorspace="YCBCR")
            np.testing.assert_array_equal(grey[number], ybr[..., 0])


@pytest.mark.parametrize("part", ["2frame", "expb_2frame", "rle_2frame"])
def test_second_frame_in_all_its_encodings(part):
    stored = pydicom.dcmread(dicom("OBXXXX1A_2frame")).pixel_array
    np.testing.assert_array_equal(stored[1], 255 - stored[0])  # so the file was made: blue is right
    with open_cine(dicom(f"OBXXXX1A_{part}")) as cine, open_cine(dicom("OBXXXX1A_2frame")) as plain:
        np.testing.assert_array_equal(cine[1], plain[1])
        np.testing.assert_array_equal(
            pydicom.dcmread(dicom(f"OBXXXX1A_{part}")).pixel_array, stored
        )


def test_yellow_is_what_the_big_endian_file_holds():
    ds = pydicom.dcmread(dicom("ExplVR_BigEnd"))
    with open_cine(dicom("ExplVR_BigEnd")) as cine:
        np.testing.assert_array_equal(cine[0], ds.pixel_array)
