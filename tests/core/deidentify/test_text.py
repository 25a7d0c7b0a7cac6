import cv2
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from core.deidentify.text import Watch, is_telling, text_finder

SHAPE = (240, 320)
NAME = "JANSSON EVA"


def sector(frames, seed=0, shape=SHAPE):
    """Speckle that beats: brightness and texture move from frame to frame."""
    rng = np.random.default_rng(seed)
    texture = gaussian_filter(rng.random((shape[0] + 40, shape[1] + 40)), 1.5)
    texture = (texture - texture.min()) / np.ptp(texture)
    for number in range(frames):
        y, x = (20 + 15 * np.array([np.sin(number / 4), np.cos(number / 5)])).astype(int)
        window = texture[y : y + shape[0], x : x + shape[1]]
        noise = gaussian_filter(rng.standard_normal(shape), 1)
        yield np.clip(300 * window - 60 + 60 * noise, 0, 255).astype(np.uint8)


def burn(frame, text, at):
    cv2.putText(frame, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1, cv2.LINE_AA)


def burnt(frames, where, at=(60, 120)):
    for number, frame in enumerate(frames):
        if where is None or number == where:
            burn(frame, NAME, at)
        yield frame


def watched(frames):
    watch = Watch(np.ones(SHAPE, bool))
    for _ in watch.passing(frames):
        pass
    return watch


@pytest.mark.parametrize("where", [1, 17, 39])
def test_a_frame_with_text_is_among_those_looked_at(where):
    assert where in watched(burnt(sector(40), where)).remarkable()


def test_few_frames_are_looked_at():
    assert len(watched(sector(40)).remarkable()) <= 7


def test_the_first_frame_is_always_looked_at():
    assert watched(sector(1)).remarkable() == [0]


def test_text_in_all_frames_stands_out_of_the_lowest():
    lowest = watched(burnt(sector(40), None)).lowest
    drawn = next(burnt([np.zeros(SHAPE, np.uint8)], None)) == 255
    assert lowest[drawn].min() == 255
    assert np.median(lowest[~drawn]) < 60


def test_frames_pass_unchanged():
    frames = list(sector(3))
    passed = list(Watch(np.ones(SHAPE, bool)).passing(frames))
    np.testing.assert_array_equal(passed, frames)


def test_only_what_is_inside_is_looked_at():
    inside = np.zeros(SHAPE, bool)
    inside[10:40, 20:90] = True
    assert Watch(inside).seen(np.zeros((*SHAPE, 3), np.uint8)).shape == (30, 70)


@pytest.mark.parametrize("text", ["JANSSON", "Bo", "19800101", "18/03/1975", "MI Eva", "Ångström"])
def test_a_text_that_may_be_somebodys(text):
    assert is_telling(text)


@pytest.mark.parametrize("text", ["16cm", "65 bpm", "MI 1.2", "2D", "V", "1.3 2.6", "49Hz", "C 50"])
def test_a_text_that_is_a_machines(text):
    assert not is_telling(text)


@pytest.mark.slow
def test_a_name_is_read_and_speckle_is_not():
    holds_text = text_finder()
    assert holds_text(next(burnt(sector(1), 0)))
    assert not holds_text(next(sector(1)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_a_name_in_one_frame_of_300_is_found(seed):
    rng = np.random.default_rng(seed)
    where = int(rng.integers(300))
    at = (int(rng.integers(0, 180)), int(rng.integers(15, 235)))
    watch = watched(burnt(sector(300, seed), where, at=at))
    assert where in watch.remarkable()
    assert text_finder()(list(burnt(sector(where + 1, seed), where, at=at))[where])
