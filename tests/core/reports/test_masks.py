import numpy as np
import pytest
from PIL import Image

from core.reports.masks import load_mask, save_mask


@pytest.mark.parametrize("highest", [0, 1, 3])
def test_a_mask_is_read_back_as_it_was(tmp_path, highest):
    mask = np.random.default_rng(0).integers(0, highest + 1, (7, 9)).astype(np.uint8)
    save_mask(mask, tmp_path / "mask.png", structures=highest)
    assert (load_mask(tmp_path / "mask.png") == mask).all()


def test_one_structure_is_black_and_white(tmp_path):
    save_mask(np.eye(4, dtype=np.uint8), tmp_path / "mask.png")
    assert np.unique(np.asarray(Image.open(tmp_path / "mask.png"))).tolist() == [0, 255]


def test_several_structures_have_colours_that_differ(tmp_path):
    save_mask(np.arange(4, dtype=np.uint8)[None], tmp_path / "mask.png", structures=3)
    colours = np.asarray(Image.open(tmp_path / "mask.png").convert("RGB"))[0]
    assert len(np.unique(colours, axis=0)) == 4
    assert (colours[0] == 0).all()
