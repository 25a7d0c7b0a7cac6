import numpy as np
import pytest

from core.checks import InputError
from core.data import RandomGraphics
from core.data.augmentation import Augmentation
from core.data.screen_elements import ELEMENTS
from tests.core.data.test_fan_sector import screen

MANY = range(40)


def drawn(image, number, seed=0, **options):
    augment = Augmentation([RandomGraphics(**{"p": 1, **options})], seed=seed)
    return augment({"image": image}, number)["image"]


@pytest.mark.parametrize("size", [(300, 400), (224, 224), (60, 80)])
@pytest.mark.parametrize("colour", [False, True])
def test_the_sector_stays_as_it_was_and_what_is_beside_it_changes(size, colour):
    image, fan = screen(*size)
    image = np.dstack([image] * 3) if colour else image
    changed = []
    for number in MANY:
        after = drawn(image, number)
        assert (after.shape, after.dtype) == (image.shape, np.uint8)
        np.testing.assert_array_equal(after[fan], image[fan])
        changed.append((after != image).any())
    assert np.mean(changed) > 0.9


@pytest.mark.parametrize("name", ELEMENTS)
def test_every_element_can_be_seen_even_on_a_small_image(name):
    image, _ = screen(60, 80)
    differences = [drawn(image, n, elements=[name]).astype(int) - image for n in MANY]
    assert max(np.abs(one).max() for one in differences) > 60


@pytest.mark.parametrize("name", ELEMENTS)
def test_every_element_looks_differently_each_time(name):
    pictures = [ELEMENTS[name](np.random.default_rng(n), (600, 800)) for n in range(5)]
    assert len({picture.tobytes() for picture in pictures}) > 2


@pytest.mark.parametrize("name", ELEMENTS)
def test_elements_are_colours_times_opacity(name):
    for number in range(20):
        rgba = ELEMENTS[name](np.random.default_rng(number), (600, 800))
        assert (rgba.ndim, rgba.shape[2], rgba.dtype) == (3, 4, np.uint8)
        assert (rgba[..., :3].astype(int) <= rgba[..., 3:].astype(int) + 1).all()


def test_their_number_is_in_its_range():
    image, _ = screen(300, 400)
    transform = RandomGraphics(count=(2, 4), elements=["box"])
    counts = set()
    for seed in range(40):
        transform.set_random_seed(seed)
        params = transform.get_params_dependent_on_data({}, {"image": image})
        counts.add(len(params["stamps"]))
    assert counts == {2, 3, 4}


def test_an_element_without_room_is_left_out():
    image = np.full((60, 80), 90, np.uint8)
    image[:, :9] = 0
    for number in MANY:
        np.testing.assert_array_equal(drawn(image, number, elements=["trace"]), image)


def test_an_image_that_is_all_sector_stays_as_it_was():
    image = np.full((60, 80), 90, np.uint8)
    np.testing.assert_array_equal(drawn(image, 0), image)


def test_images_are_left_alone_as_often_as_wanted():
    image, _ = screen(60, 80)
    touched = [not np.array_equal(drawn(image, n, p=0.3), image) for n in range(150)]
    assert 0.15 < np.mean(touched) < 0.45


def test_the_same_numbers_draw_the_same():
    image, _ = screen(60, 80)
    np.testing.assert_array_equal(drawn(image, 3), drawn(image, 3))
    assert not np.array_equal(drawn(image, 3), drawn(image, 4))
    assert not np.array_equal(drawn(image, 3), drawn(image, 3, seed=1))


def test_the_given_image_stays_as_it_was():
    image, _ = screen(60, 80)
    image.setflags(write=False)
    drawn(image, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": (4, 2)}, "count: expected least and greatest number of elements"),
        ({"elements": []}, "elements: expected at least one, got none"),
        ({"elements": ["txt"]}, "elements: expected names of .*did you mean 'text'.*got txt"),
    ],
)
def test_wrong_arguments_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        RandomGraphics(**options)
