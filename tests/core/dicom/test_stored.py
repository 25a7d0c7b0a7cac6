import struct

import numpy as np
import pytest
from pydicom.encaps import encapsulate, encapsulate_extended, fragment_frame
from pydicom.uid import RLELossless

from core.checks import InputError
from core.dicom.frames import DicomFrames
from core.dicom.still import read_still
from tests.dicoms import dataset, jpeg_dataset, jpeg_of, write

GREY = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8)
FRAMES = [np.roll(GREY, 5 * number, axis=0) for number in range(4)]
PAYLOADS = [jpeg_of(frame) for frame in FRAMES]


def cine(**elements):
    return jpeg_dataset(GREY, PAYLOADS, "MONOCHROME2", NumberOfFrames=len(PAYLOADS), **elements)


def assert_frames(path):
    for number in (3, 0, 2, 1):
        shown = read_still(path, frame=number)
        assert np.abs(shown.astype(int) - FRAMES[number]).max() <= 12


@pytest.mark.parametrize("table", [True, False])
@pytest.mark.parametrize("pieces", [1, 3])
def test_frames_in_pieces_with_and_without_a_table(tmp_path, table, pieces):
    ds = cine()
    ds.PixelData = encapsulate(PAYLOADS, fragments_per_frame=pieces, has_bot=table)
    assert_frames(write(tmp_path / "a.dcm", ds))


def test_extended_offset_table(tmp_path):
    ds = cine()
    _, ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths = encapsulate_extended(PAYLOADS)
    ds.PixelData = encapsulate(PAYLOADS, has_bot=False)
    assert_frames(write(tmp_path / "a.dcm", ds))


def test_pieces_of_frames_by_the_extended_offset_table(tmp_path):
    items, offsets, place = [], [], 0
    for payload in PAYLOADS:
        offsets.append(place)
        for piece in fragment_frame(payload, 2):
            items.append(b"\xfe\xff\x00\xe0" + struct.pack("<I", len(piece)) + piece)
            place += len(items[-1])
    ds = cine()
    ds.ExtendedOffsetTable = struct.pack("<4Q", *offsets)
    ds.PixelData = b"\xfe\xff\x00\xe0" + bytes(4) + b"".join(items)
    assert_frames(write(tmp_path / "a.dcm", ds))


def test_wrong_table_does_no_harm_where_each_frame_is_one_piece(tmp_path):
    path = write(tmp_path / "a.dcm", cine())
    content = path.read_bytes()
    table = content.index(b"\xe0\x7f\x10\x00OB") + 20
    path.write_bytes(content[:table] + bytes(range(16)) + content[table + 16 :])
    assert_frames(path)


def test_all_pieces_belong_to_the_only_frame(tmp_path):
    ds = jpeg_dataset(GREY, PAYLOADS[:1], "MONOCHROME2")
    ds.PixelData = encapsulate(PAYLOADS[:1], fragments_per_frame=3, has_bot=False)
    assert np.abs(read_still(write(tmp_path / "a.dcm", ds)).astype(int) - GREY).max() <= 12


@pytest.mark.parametrize("table", [True, False])
@pytest.mark.parametrize("pieces", [1, 3])
@pytest.mark.parametrize("stated", [1, 2])
def test_more_frames_than_stated_are_refused(tmp_path, stated, pieces, table):
    ds = jpeg_dataset(GREY, PAYLOADS, "MONOCHROME2", NumberOfFrames=stated)
    ds.PixelData = encapsulate(PAYLOADS, fragments_per_frame=pieces, has_bot=table)
    path = write(tmp_path / "a.dcm", ds)
    with pytest.raises(InputError, match=rf"expected {stated} frames .*, got 4 whole ones"):
        DicomFrames(path)


def test_torn_cine_says_how_many_frames_are_whole(tmp_path):
    path = write(tmp_path / "a.dcm", cine())
    path.write_bytes(path.read_bytes()[:-100])
    frames = DicomFrames(path)
    assert (frames.frames, frames.whole) == (4, 3)
    frames.close()


def test_plain_numbers_under_a_compressed_encoding_are_refused(tmp_path):
    ds = dataset(GREY)
    path = write(tmp_path / "a.dcm", ds)
    uid = ds.file_meta.TransferSyntaxUID.encode() + b"\0" * (
        len(ds.file_meta.TransferSyntaxUID) % 2
    )
    other = RLELossless.encode().ljust(len(uid), b"\0")
    path.write_bytes(path.read_bytes().replace(uid, other, 1))
    with pytest.raises(InputError, match=r"a\.dcm: expected compressed frames in items"):
        read_still(path)
