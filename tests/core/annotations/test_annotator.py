import pickle

import numpy as np
import pytest
from jsonargparse import ArgumentParser

from core.annotations import KINDS, Annotator, BodyMarker, FlowBox, RadialLine
from core.annotations.annotator import Annotated, _lay
from core.annotations.kind import Stamp
from core.checks import InputError

PAPER = ("body_marker", "radial_line", "flow_box")


@pytest.fixture(scope="module")
def image():
    """Noise on a non-square grid, with black and white in it."""
    return np.random.default_rng(0).integers(0, 256, (97, 121), dtype=np.uint8)


def coloured(image):
    return np.stack([image, image[::-1], image[:, ::-1]], axis=-1)


def test_kinds_are_known_by_their_names():
    assert tuple(KINDS) == (*PAPER, "label")
    assert all(kind.name == name for name, kind in KINDS.items())


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("prepare", [np.array, coloured])
def test_mask_is_the_class_index_exactly_where_a_pixel_changed(image, name, prepare):
    clean = prepare(image)
    kinds = [name, *(other for other in KINDS if other != name)]
    annotator, marked = Annotator(kinds, chance=0.7), 0
    for key in range(20):
        noisy, mask = annotator.annotate(clean, key)
        before = clean if clean.ndim == 3 else np.repeat(clean[..., None], 3, axis=-1)
        np.testing.assert_array_equal(mask > 0, (noisy != before).any(axis=-1))
        assert mask.max() <= len(KINDS)
        marked += (mask > 0).any()
    assert marked > 10


@pytest.mark.parametrize("name", KINDS)
def test_grey_and_rgb_images_of_the_same_pixels_become_the_same(image, name):
    grey = Annotator([name]).annotate(image, 3)
    rgb = Annotator([name]).annotate(np.repeat(image[..., None], 3, axis=-1), 3)
    for ours, theirs in zip(grey, rgb, strict=True):
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == np.uint8


def test_the_image_stays_as_it_was(image):
    for clean in (image.copy(), coloured(image)):
        before = clean.copy()
        clean.flags.writeable = False
        noisy = Annotator(list(KINDS), chance=1.0).annotate(clean, 0).image
        noisy[:] = 0
        np.testing.assert_array_equal(clean, before)


def test_a_draw_follows_from_seed_and_key_alone(image):
    first = Annotator(list(KINDS), chance=1.0, seed=4)
    expected = first.annotate(image, 2, 7)
    np.random.seed(1)  # noqa: NPY002
    first.annotate(image, 2, 8)
    copy = pickle.loads(pickle.dumps(first))
    for annotator in (first, copy, Annotator(list(KINDS), chance=1.0, seed=4)):
        for ours, theirs in zip(annotator.annotate(image, 2, 7), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_other_seeds_and_keys_draw_otherwise(image):
    def drawn(seed, *key):
        return Annotator(["radial_line"], seed=seed).annotate(image, *key).mask.tobytes()

    keys = [(0, 1, 2), (1, 1, 2), (0, 2, 1), (0, 1, 3)]
    assert len({drawn(*key) for key in keys}) == len(keys)


@pytest.mark.parametrize("chance", [None, 0.5])
def test_a_pair_begins_as_a_single_image_does(image, chance):
    annotator = Annotator(list(KINDS), chance=chance)
    for key in range(12):
        alone, (first, _) = annotator.annotate(image, key), annotator.pair(image, key)
        np.testing.assert_array_equal(first.image, alone.image)
        np.testing.assert_array_equal(first.mask, alone.mask)


def test_a_pair_has_the_same_kinds_at_other_places(image):
    annotator = Annotator(["radial_line", "flow_box", "label"])
    for key in range(20):
        first, second = annotator.pair(image, key)
        assert first.mask.max() == second.mask.max() > 0
        assert (first.mask != second.mask).any()


def test_exactly_one_kind_is_drawn_and_each_as_often():
    annotator = Annotator(PAPER)
    drawn = [annotator.drawn(key) for key in range(3000)]
    assert {len(names) for names in drawn} == {1}
    for name in PAPER:
        assert abs(drawn.count((name,)) - 1000) < 5 * (3000 * 2 / 9) ** 0.5


def test_with_a_chance_each_kind_is_drawn_by_itself():
    annotator = Annotator(PAPER, chance=0.3)
    found = np.array([[n in annotator.drawn(key) for n in PAPER] for key in range(3000)])
    np.testing.assert_allclose(found.mean(axis=0), 0.3, atol=0.045)
    assert abs((found.sum(axis=1) == 0).mean() - 0.7**3) < 0.045
    assert abs(found.all(axis=1).mean() - 0.3**3) < 0.02


@pytest.mark.parametrize("chance", [None, 0.5, 1.0])
def test_what_is_said_to_be_drawn_is_what_the_mask_shows(chance):
    grey = np.full((128, 128), 1, np.uint8)
    kinds = (BodyMarker(places=((0.1, 0.5),)), "radial_line", FlowBox())
    annotator = Annotator(kinds, chance=chance)
    for key in range(40):
        shown = {annotator.names[k - 1] for k in np.unique(annotator.annotate(grey, key).mask) if k}
        assert shown == set(annotator.drawn(key))


def test_the_later_kind_wins():
    black = np.zeros((64, 64), np.uint8)
    boxes = FlowBox(top_left=(0.4, 0.4), bottom_right=(0.6, 0.6), width_px=30)
    dots = RadialLine(places=(0.5, 0.5), count=(1, 1))
    over = Annotator([boxes, dots], chance=1.0).annotate(black, 0).mask
    under = Annotator([dots, boxes], chance=1.0).annotate(black, 0).mask
    assert set(np.unique(over)) == {0, 1, 2}
    assert (under[30:34, 30:34] == 2).all()


def laid(rgba, clean, top=0, left=0):
    annotated = Annotated(np.repeat(clean[..., None], 3, axis=-1), np.zeros_like(clean))
    _lay(Stamp(top, left, rgba), annotated, clean, 5)
    return annotated


def test_opacity_mixes_linearly():
    clean = np.full((2, 2), 100, np.uint8)
    image, mask = laid(np.full((1, 1, 4), (51, 26, 0, 51), np.uint8), clean)
    assert image[0, 0].tolist() == [131, 106, 80]  # 4/5 of 100, and a fifth of 255, 130 and 0
    assert mask.tolist() == [[5, 0], [0, 0]]


def test_blending_that_changes_nothing_is_no_annotation():
    white = np.full((3, 3), 255, np.uint8)
    assert not laid(np.full((3, 3, 4), 128, np.uint8), white).mask.any()


@pytest.mark.parametrize(("top", "left"), [(-1, -1), (2, 2), (-1, 2), (9, 0), (-3, 0)])
def test_what_lies_off_the_image_is_cut_away(top, left):
    mask = laid(np.full((3, 3, 4), 255, np.uint8), np.zeros((4, 4), np.uint8), top, left).mask
    expected = np.zeros((20, 20), np.uint8)
    expected[8 + top : 11 + top, 8 + left : 11 + left] = 5
    np.testing.assert_array_equal(mask, expected[8:12, 8:12])


@pytest.mark.parametrize("shape", [(32, 32), (32, 200), (300, 33), (512, 512, 3)])
def test_images_of_any_size_from_32_are_taken(shape):
    annotator = Annotator(list(KINDS), chance=1.0)
    for key in range(5):
        for noisy, mask in annotator.pair(np.full(shape, 7, np.uint8), key):
            assert noisy.shape == (*shape[:2], 3)
            assert mask.any()


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((31, 64), np.uint8), "at least 32 x 32 pixels"),
        (np.zeros((64, 64), np.float32), "uint8"),
        (np.zeros((64, 64, 4), np.uint8), "(H, W, 3)"),
        (np.zeros(64, np.uint8), "(H, W)"),
    ],
)
def test_other_images_are_refused(image, message):
    with pytest.raises(InputError) as error:
        Annotator(["label"]).annotate(image, 0)
    assert str(error.value).startswith("image: expected")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kinds": []}, "kinds: expected at least one"),
        ({"kinds": ["flow_bx"]}, "'flow_bx', did you mean 'flow_box'?"),
        ({"kinds": ["label", "label"]}, "kinds: expected each kind once"),
        ({"kinds": ["label"], "chance": 0}, "chance: expected above 0"),
        ({"kinds": ["label"], "chance": 1.1}, "chance: expected above 0"),
        ({"kinds": ["label"], "seed": -1}, "seed: expected not negative"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(InputError) as error:
        Annotator(**arguments)
    assert message in str(error.value)


def test_kinds_can_stand_in_yaml():
    parser = ArgumentParser()
    parser.add_class_arguments(Annotator, "annotator")
    path, arguments = "core.annotations.FlowBox", {"width_px": 3}
    kinds = ["body_marker", {"class_path": path, "init_args": arguments}]
    given = parser.parse_object({"annotator": {"kinds": kinds}})
    annotator = parser.instantiate(given).annotator
    assert annotator.names == ("body_marker", "flow_box")
    assert annotator.kinds[1].width_px == 3
