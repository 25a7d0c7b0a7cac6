import cv2
import numpy as np
import pytest
from pydicom import dcmread

from core.cines.dicom import DicomCine
from core.deidentify.copying import (
    QUARANTINED,
    REVIEW,
    WRITTEN,
    Settings,
    content_digest,
    copy_file,
)
from core.deidentify.key import Key
from core.deidentify.machines import Machines
from core.deidentify.verify import strangers
from core.dicom.encode import SYNTAXES
from tests import phi


def using(**options):
    return Settings(key=Key(b"k" * 32), machines=Machines(), **options)


@pytest.fixture
def copied(tmp_path, settings):
    """Write an original, copy it, and return the outcome and where the copy lies."""

    def copy(ds, settings=settings):
        path = phi.write(tmp_path / "in" / "a.dcm", ds)
        outcome = copy_file(path, tmp_path / "out", content_digest(path), settings)
        return outcome, tmp_path / "out" / outcome.file

    return copy


def frames_of(path):
    with DicomCine(path) as cine:
        return np.stack(list(cine))


def masked(pixels):
    x0, y0, x1, y1 = phi.REGION
    kept = np.zeros_like(pixels)
    kept[:, y0 : y1 + 1, x0 : x1 + 1] = pixels[:, y0 : y1 + 1, x0 : x1 + 1]
    return kept


@pytest.mark.parametrize("syntax", [name for name in SYNTAXES if name != "jpeg"])
@pytest.mark.parametrize("colour", [False, True])
def test_kept_pixels_are_unchanged_and_the_others_black(copied, syntax, colour):
    pixels = phi.cine(colour=colour)
    outcome, path = copied(phi.dataset(pixels, syntax))
    assert outcome.outcome == WRITTEN
    np.testing.assert_array_equal(frames_of(path), masked(pixels))


def test_of_a_lossy_original_the_decoded_pixels_are_kept(copied, tmp_path):
    _outcome, path = copied(phi.dataset(phi.cine(), "jpeg"))
    np.testing.assert_array_equal(frames_of(path), masked(frames_of(tmp_path / "in" / "a.dcm")))
    assert dcmread(path).LossyImageCompression == "01"


@pytest.mark.parametrize("syntax", ["explicit", "implicit", "big_endian", "rle", "jpeg_2000"])
def test_copies_can_be_encoded_otherwise(copied, syntax):
    pixels = phi.cine()
    _, path = copied(phi.dataset(pixels), using(syntax=syntax))
    np.testing.assert_array_equal(frames_of(path), masked(pixels))
    assert dcmread(path).file_meta.TransferSyntaxUID == SYNTAXES[syntax]


def test_black_outside_of_monochrome1_is_black_as_it_is_shown(copied):
    pixels = phi.cine(colour=False)
    _, path = copied(phi.dataset(255 - pixels, PhotometricInterpretation="MONOCHROME1"))
    assert dcmread(path).PhotometricInterpretation == "MONOCHROME2"
    np.testing.assert_array_equal(frames_of(path), masked(pixels))


def test_kept_attributes_are_unchanged(copied):
    original = phi.dataset(phi.cine())
    copy = dcmread(copied(original)[1])
    for keyword in (*phi.KEPT, "Rows", "Columns", "NumberOfFrames", "SOPClassUID"):
        assert copy[keyword].value == original[keyword].value, keyword
    assert (copy.Manufacturer, copy.ManufacturerModelName) == phi.MACHINE
    assert copy.SequenceOfUltrasoundRegions == original.SequenceOfUltrasoundRegions


@pytest.mark.parametrize(
    ("settings", "elements", "annotation", "codes", "text"),
    [
        (using(), {}, None, ["113100", "113107"], "kept pixels not searched for text"),
        (using(holds_text=lambda picture: False), {}, "NO", ["113100", "113101", "113107"], "no text found in kept pixels by OCR of chosen frames"),
        (using(), {"BurnedInAnnotation": "YES"}, "YES", ["113100", "113107"], "kept pixels may hold text, to be reviewed"),
    ],
    ids=["not searched", "searched", "for review"],
)  # fmt: skip
def test_a_copy_states_what_was_done_and_no_more(
    copied, settings, elements, annotation, codes, text
):
    copy = dcmread(copied(phi.dataset(phi.cine(), **elements), settings)[1])
    stated = [code.CodeValue for code in copy.DeidentificationMethodCodeSequence]
    assert (copy.get("BurnedInAnnotation"), stated) == (annotation, codes)
    assert copy.PatientIdentityRemoved == "YES"
    assert copy.LongitudinalTemporalInformationModified == "MODIFIED"
    assert list(copy.DeidentificationMethod) == [
        *("allow-list of attributes", "pixels outside of ultrasound regions blanked", text)
    ]


@pytest.mark.parametrize("regions", [[], [phi.region(spatial_format=5)]])
def test_where_only_top_rows_were_blanked_it_says_so_and_is_for_review(copied, regions):
    ds = phi.dataset(phi.cine(), SequenceOfUltrasoundRegions=regions)
    outcome, path = copied(ds, using(top_rows=16))
    assert outcome.outcome == REVIEW
    assert dcmread(path).DeidentificationMethod[1] == "16 rows at the top blanked"


def test_a_copy_has_no_number_of_series_or_instance(copied):
    copy = dcmread(copied(phi.dataset(phi.cine(), SeriesNumber=850314, InstanceNumber=112233))[1])
    assert (copy.SeriesNumber, copy.InstanceNumber) == (None, None)


def test_a_number_that_no_copy_could_hold_stays_behind(copied):
    ds = phi.dataset(phi.cine())
    ds.add_new("UltrasoundColorDataPresent", "UL", 70000)
    outcome, path = copied(ds)
    assert outcome.outcome == WRITTEN
    assert "UltrasoundColorDataPresent" not in dcmread(path)


def test_a_copy_that_cannot_be_encoded_is_quarantined(copied, tmp_path, monkeypatch):
    wrong = {"UltrasoundColorDataPresent": 70000}  # shows when the file is written only
    monkeypatch.setattr("core.deidentify.record.kept", lambda *_: wrong)
    outcome, _ = copied(phi.dataset(phi.cine()))
    assert outcome.outcome == QUARANTINED
    assert not (tmp_path / "out").exists()


def test_regions_that_would_not_go_over_are_quarantined(copied):
    ds = phi.dataset(phi.cine())
    ds.SequenceOfUltrasoundRegions[0].add_new("RegionSpatialFormat", "FD", 1.5)
    assert copied(ds)[0].reason == "its regions are of no plausible size"


def test_nothing_foreign_stands_in_a_copy(copied):
    assert strangers(copied(phi.dataset(phi.cine()))[1]) == []


def test_a_foreign_element_is_seen(copied):
    _, path = copied(phi.dataset(phi.cine()))
    copy = dcmread(path)
    copy.OperatorsName, copy.StudyID = "JANSSON", "7"
    copy.SequenceOfUltrasoundRegions[0].PatientName = "JANSSON"
    copy.file_meta.SourceApplicationEntityTitle = "JANSSON"
    copy.save_as(path)
    assert strangers(path) == [
        *("meta (0002,0016)", "(0008,1070)"),
        *("SequenceOfUltrasoundRegions (0010,0010)", "StudyID"),
    ]


def test_more_values_than_an_element_has_are_seen(copied):
    _, path = copied(phi.dataset(phi.cine()))
    copy = dcmread(path)
    copy.SequenceOfUltrasoundRegions[0].PhysicalUnitsYDirection = [3, 20041, 20041]
    copy.FrameTimeVector = [0, 74, 65, 78]  # of three frames
    copy.LossyImageCompressionRatio = [1, 9, 8, 5, 3]
    copy.save_as(path)
    assert strangers(path) == [
        *("(0018,1065)", "(0028,2112)", "SequenceOfUltrasoundRegions (0018,6026)")
    ]


def whole_frame():
    return [phi.region((0, 0, phi.SIZE[1] - 1, phi.SIZE[0] - 1))]


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}, "not an ultrasound image"),
        ({"ManufacturerModelName": "JANSSON EVA"}, "unknown machine; --machine"),
        ({"SequenceOfUltrasoundRegions": []}, "states no ultrasound region"),
        ({"SequenceOfUltrasoundRegions": whole_frame()}, "its regions cover the whole image"),
        ({"Rows": 65000}, "damaged, or in an encoding that is not read"),
        ({"PhotometricInterpretation": "JANSSON"}, "damaged, or in an encoding that is not read"),
    ],
)
def test_what_cannot_be_made_safe_is_quarantined(copied, tmp_path, elements, reason):
    outcome, _ = copied(phi.dataset(phi.cine(), **elements))
    assert outcome.outcome == QUARANTINED
    assert outcome.reason.startswith(reason)
    assert not (tmp_path / "out").exists()


def test_grey_of_more_than_8_bits_is_quarantined(copied):
    outcome, _ = copied(phi.dataset(phi.cine(colour=False).astype(np.uint16)))
    assert outcome.reason == "grey of more than 8 bits"


def test_a_torn_file_is_quarantined(tmp_path, settings):
    path = phi.write(tmp_path / "in" / "a.dcm", phi.dataset(phi.cine(), "rle"))
    path.write_bytes(path.read_bytes()[:-3000])
    outcome = copy_file(path, tmp_path / "out", content_digest(path), settings)
    assert (outcome.outcome, outcome.file) == (QUARANTINED, "")


def test_burned_in_text_that_is_stated_is_for_review(copied):
    outcome, path = copied(phi.dataset(phi.cine(), BurnedInAnnotation="YES"))
    assert outcome.outcome == REVIEW
    assert outcome.file.startswith("review/")
    assert dcmread(path).BurnedInAnnotation == "YES"


@pytest.mark.parametrize(
    ("reads", "reason"),
    [(lambda picture: True, "text in all frames"), (lambda picture: False, "")],
)
def test_text_that_is_found_is_for_review(copied, reads, reason):
    outcome, _ = copied(phi.dataset(phi.cine()), using(holds_text=reads))
    assert (outcome.outcome, outcome.reason) == (REVIEW if reason else WRITTEN, reason)


def test_text_in_a_single_frame_is_for_review(copied):
    pixels = phi.cine(30) // 2
    cv2.putText(pixels[17], "EVA", (20, 40), cv2.FONT_HERSHEY_PLAIN, 1, (255,) * 3)
    settings = using(holds_text=lambda picture: bool((picture == 255).sum() > 20))
    outcome, _ = copied(phi.dataset(pixels), settings)
    assert outcome.reason == "text in frame 17"
