import io

import imagecodecs
import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import generate_frames
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID

from core.checks import InputError
from core.dicom.encode import SYNTAXES, encode, set_pixels

LOSSLESS = [name for name in SYNTAXES if name != "jpeg"]
INDEPENDENT = {  # pydicom reads these by itself
    name: SYNTAXES[name] for name in ("implicit", "explicit", "big_endian", "deflated", "rle")
}
DECODERS = {
    "jpeg": imagecodecs.jpeg8_decode,
    "jpeg_lossless": imagecodecs.jpeg8_decode,
    "jpeg_ls": imagecodecs.jpegls_decode,
    "jpeg_2000": imagecodecs.jpeg2k_decode,
}
KINDS = {
    "grey": ((19, 23), np.uint8),
    "deep": ((19, 23), np.uint16),
    "colour": ((19, 23, 3), np.uint8),
}


def cine(kind, frames=3):
    shape, dtype = KINDS[kind]
    values = np.random.default_rng(1).integers(0, np.iinfo(dtype).max, (frames, *shape), dtype)
    values[:, 4:9] = 7  # runs, for the encodings that count them
    return values


def read_again(frames, syntax):
    """Write a file in memory, and read it by pydicom's own readers."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.3.1", "1.2.3"
    set_pixels(dataset, frames, syntax)
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    file.seek(0)
    return dcmread(file)


def decoded(frames, name):
    """All frames, by pydicom where it can and by the codec's own decoder elsewhere."""
    dataset = read_again(frames, SYNTAXES[name])
    if name in INDEPENDENT:
        return pixel_array(dataset).reshape(np.shape(frames))
    count = int(dataset.get("NumberOfFrames", 1))
    payloads = generate_frames(dataset.PixelData, number_of_frames=count)
    return np.stack([DECODERS[name](payload) for payload in payloads])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", LOSSLESS)
def test_pixels_come_back_unchanged(name, kind):
    frames = cine(kind)
    np.testing.assert_array_equal(decoded(frames, name), frames)


def test_jpeg_comes_back_nearly():
    ramp = np.linspace(0, 255, 40).astype(np.uint8)
    frames = np.broadcast_to(ramp[:, None, None], (2, 40, 32, 3))
    assert np.abs(decoded(frames, "jpeg").astype(int) - frames).max() <= 3


@pytest.mark.parametrize(
    ("name", "colours"), [("rle", "RGB"), ("jpeg", "YBR_FULL_422"), ("jpeg_2000", "YBR_RCT")]
)
def test_colours_are_those_inside_of_the_encoding(name, colours):
    assert read_again(cine("colour"), SYNTAXES[name]).PhotometricInterpretation == colours


def test_only_jpeg_is_called_lossy():
    lossy = {
        name: read_again(cine("grey"), uid).get("LossyImageCompression")
        for name, uid in SYNTAXES.items()
    }
    assert lossy == dict.fromkeys(LOSSLESS) | {"jpeg": "01"}


def test_one_frame_has_no_number_of_frames():
    assert "NumberOfFrames" not in read_again(cine("grey", 1), SYNTAXES["explicit"])


def test_an_odd_number_of_bytes_is_padded():
    assert len(encode(cine("grey", 1), SYNTAXES["explicit"])) == 19 * 23 + 1


def test_a_palettes_indices_and_fewer_bits_are_stated():
    dataset = Dataset()
    frames = cine("deep") >> 4
    set_pixels(dataset, frames, SYNTAXES["rle"], colours="PALETTE COLOR", bits=12)
    stated = (dataset.PhotometricInterpretation, dataset.BitsStored, dataset.HighBit)
    assert stated == ("PALETTE COLOR", 12, 11)


def test_frames_are_taken_one_by_one():
    alive = []

    def drawn():
        for number in range(4):
            alive.append(number)
            yield cine("grey", 1)[0]

    assert len(encode(drawn(), SYNTAXES["jpeg_ls"])) > 0
    assert alive == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("frames", "name", "message"),
    [
        ([], "rle", "frames: expected at least one, got none"),
        ([np.zeros((4, 4, 4), np.uint8)], "rle", r"frame 0: expected \(H, W\) or \(H, W, 3\)"),
        ([np.zeros((4, 4), np.float32)], "rle", "frame 0"),
        ([np.zeros((4, 4), np.uint8), np.zeros((4, 5), np.uint8)], "rle", "frame 1: expected one"),
        ([np.zeros((4, 4), np.uint16)], "jpeg", "8 bits a channel"),
    ],
)
def test_what_cannot_be_encoded_is_refused(frames, name, message):
    with pytest.raises(InputError, match=message):
        encode(frames, SYNTAXES[name])


def test_an_unknown_syntax_is_refused():
    with pytest.raises(InputError, match="transfer syntax: expected implicit or explicit"):
        encode(cine("grey"), "1.2.840.10008.1.2.4.100")
