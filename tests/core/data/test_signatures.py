import numpy as np
import pytest
from scipy.spatial.distance import cdist

from core.data.signatures import SIGNATURES, cosine_distances, strips, thumbnail


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (420, 580), dtype=np.uint8)


def test_thumbnail_is_the_correlation_of_block_means():
    rng = np.random.default_rng(0)
    pair = rng.integers(0, 256, (2, 120, 160), dtype=np.uint8)
    means = pair.reshape(2, 12, 10, 16, 10).mean((2, 4)).reshape(2, -1)
    expected = 1 - np.corrcoef(means)[0, 1]
    distance = cosine_distances(np.stack([thumbnail(image) for image in pair]))[0, 1]
    assert distance == pytest.approx(expected, abs=0.01)  # block means are rounded to grey levels


def test_strips_are_numpys_histograms_of_20_rows(image):
    counts = [
        np.histogram(image[row : row + 20] / 255, bins=9, range=(0, 1))[0]
        for row in range(0, 420, 20)
    ]
    expected = np.concatenate(counts) / np.linalg.norm(np.concatenate(counts))
    np.testing.assert_allclose(strips(image), expected, atol=1e-6)


def test_cosine_distances_are_scipys(image):
    values = np.random.default_rng(0).normal(size=(5, 7)).astype(np.float32)
    unit = values / np.linalg.norm(values, axis=1, keepdims=True)
    np.testing.assert_allclose(cosine_distances(unit), cdist(values, values, "cosine"), atol=1e-6)


def test_thumbnail_does_not_see_gain_and_brightness(image):
    smooth = np.sort(image, axis=1)
    darker = (smooth * 0.5 + 20).astype(np.uint8)
    assert thumbnail(smooth) @ thumbnail(darker) > 0.9999


@pytest.mark.parametrize("describe", [describe for describe, _ in SIGNATURES.values()])
def test_colour_is_described_like_the_same_in_grey(describe, image):
    colour = np.stack([image] * 3, axis=-1)
    np.testing.assert_allclose(describe(colour), describe(image), atol=0.01)


@pytest.mark.parametrize("describe", [describe for describe, _ in SIGNATURES.values()])
def test_even_image_has_a_finite_signature(describe):
    assert np.isfinite(describe(np.full((8, 8), 9, np.uint8))).all()
