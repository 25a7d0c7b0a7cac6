import shutil

import pytest

from core.checks import InputError
from core.labelling.catalogue import Catalogue, digest_of
from tests.core.labelling.conftest import write_cine


def scanned(root):
    said = []
    catalogue = Catalogue(root)
    catalogue.scan(said.append)
    return catalogue, said


def test_cines_are_numbered_by_their_path(catalogue):
    names = [catalogue.name(item) for item in catalogue.items]
    assert names == ["cine0", "cine1", "cine2", "still/frame_000.png"]
    assert [catalogue.number(item) for item in catalogue.items] == [1, 2, 3, 4]
    assert [item.frames for item in catalogue.items] == [6, 6, 6, 1]


def test_a_cine_is_known_by_its_content_wherever_it_lies(cines, catalogue):
    (cines / "cine2").rename(cines / "a_new_name")
    moved, _ = scanned(cines)
    assert moved.name(moved.get(catalogue.items[2].digest)) == "a_new_name"


@pytest.mark.parametrize("size", [10, (1 << 20) + 1, 3 << 20])
def test_another_content_is_another_cine(tmp_path, size):
    file = tmp_path / "file"
    file.write_bytes(bytes(size))
    digest = digest_of(file)
    for place in (0, size // 2, size - 1):
        content = bytearray(size)
        content[place] = 1
        if size > 1 << 20 and place == size // 2:
            content[place - (1 << 18) : place + (1 << 18)] = bytes([1]) * (1 << 19)
        file.write_bytes(content)
        assert digest_of(file) != digest
    file.write_bytes(bytes(size + 1))
    assert digest_of(file) != digest


def test_a_table_beside_frames_changes_nothing(cines):
    before = scanned(cines / "cine0")[0].items
    (cines / "cine0" / "labels.csv").write_text("cine\n")
    assert scanned(cines / "cine0")[0].items == before
    assert len(before) == 1


def test_copies_come_once(cines):
    shutil.copytree(cines / "cine0", cines / "copy")
    catalogue, _ = scanned(cines)
    assert (len(catalogue.items), catalogue.copies) == (4, 1)


def test_what_cannot_be_read_is_said_once_and_the_rest_goes_on(cines):
    (cines / "broken.dcm").write_bytes(b"no image")
    catalogue, said = scanned(cines)
    assert len(catalogue.items) == 4
    assert len(said) == 1
    assert said[0].startswith("left out: broken.dcm: expected ")


def test_a_link_out_of_the_folder_is_left_out(cines, tmp_path):
    other = write_cine(tmp_path / "elsewhere", frames=2, seed=5)
    (cines / "link.png").symlink_to(other / "frame_000.png")
    (cines / "folder").symlink_to(other)
    catalogue, _ = scanned(cines)
    assert [catalogue.name(item) for item in catalogue.items][3:] == ["still/frame_000.png"]


def test_a_folder_without_cines_is_refused(tmp_path):
    with pytest.raises(InputError, match="expected a folder of cines, got one without any"):
        Catalogue(tmp_path)
