import cv2
import numpy as np
import pytest

from core.data.fan_sector import outside_sector


def screen(rows=300, columns=400, seed=0, text=True):
    """A fan of speckle with two black holes, text beside it, and where the fan is."""
    rng = np.random.default_rng(seed)
    fan = np.zeros((rows, columns), np.uint8)
    apex, reach = (columns // 2, round(0.05 * rows)), round(min(0.85 * rows, 0.64 * columns))
    cv2.ellipse(fan, apex, (reach, reach), 90, -40, 40, 1, -1)
    image = (rng.rayleigh(60, fan.shape).clip(15, 255) * fan).astype(np.uint8)
    for row, column in ((0.45, 0.5), (0.75, 0.45)):
        centre = round(column * columns), round(row * rows)
        cv2.ellipse(image, centre, (rows // 12, rows // 9), 0, 0, 360, 0, -1)
    if text:
        for line in range(3):
            place = 4, round((0.06 + 0.06 * line) * rows)
            cv2.putText(image, "FR 52Hz", place, 0, rows / 1000, 200, 1, cv2.LINE_AA)
        cv2.line(image, (columns - 8, 10), (columns - 8, rows - 10), 150, 1)
    return image, fan > 0


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("size", [(300, 400), (224, 224), (60, 80), (600, 800)])
def test_nothing_of_the_fan_is_outside_and_most_of_the_rest_is(size, text):
    image, fan = screen(*size, text=text)
    outside = outside_sector(image)
    assert not (outside & fan).any()
    assert (outside & ~fan).sum() > 0.4 * (~fan).sum()


def test_most_text_is_outside():
    image, fan = screen()
    ink = (image > 0) & ~fan
    assert outside_sector(image)[ink].mean() > 0.5


def test_colour_counts_by_its_brightest_channel():
    image, _ = screen()
    coloured = np.dstack([image, np.zeros_like(image), np.zeros_like(image)])
    np.testing.assert_array_equal(outside_sector(coloured), outside_sector(image))


def test_noise_of_compression_is_black():
    image, _ = screen()
    noise = np.random.default_rng(1).integers(0, 4, image.shape, dtype=np.uint8)
    assert (outside_sector(np.maximum(image, noise)) == outside_sector(image)).mean() > 0.99


@pytest.mark.parametrize("level", [0, 90])
def test_an_even_image_has_no_outside(level):
    assert not outside_sector(np.full((60, 80), level, np.uint8)).any()


def test_a_split_sector_is_one():
    """Two bright halves with a wide dark band between them, which is in the sector too."""
    image = np.zeros((200, 300), np.uint8)
    image[20:80, 60:240] = image[120:190, 60:240] = 120
    assert not outside_sector(image)[20:190, 60:240].any()


def test_the_phantom_s_sector_is_found_but_for_dark_corners():
    from core.phantoms.heart import HeartScene

    scene = HeartScene(patients=3, frames=1, scale=0.25)
    for index in range(0, len(scene), 5):
        sector = scene.cine(int(scene.sequence[index])).scan.sector
        inside = sector.screen(np.full(sector.grid, 255, np.uint8)) > 0
        lost = outside_sector(scene[index].image) & inside
        assert lost.sum() < 0.04 * inside.sum()
