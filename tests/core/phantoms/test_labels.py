import cv2
import numpy as np
import pytest

from core.phantoms.labels import Annotator

TURN = np.linspace(0, 2 * np.pi, 60, endpoint=False)
CIRCLE = np.stack([5 + 2 * np.cos(TURN), 7 + 2 * np.sin(TURN)], 1).astype(np.float32)
EXACT = {"size": 0.0, "dents": 0.0, "shift_mm": 0.0}


def drawn(count=300, **spreads):
    annotator, rng = Annotator(**{**EXACT, **spreads}), np.random.default_rng(0)
    return [annotator.drawn(CIRCLE, rng) for _ in range(count)]


def test_an_annotator_without_spread_draws_the_contour_itself():
    np.testing.assert_allclose(drawn(1)[0], CIRCLE, atol=1e-5)


def test_sizes_spread_as_told():
    scale = [
        np.sqrt(cv2.contourArea(outline) / cv2.contourArea(CIRCLE)) for outline in drawn(size=0.05)
    ]
    assert np.mean(scale) == pytest.approx(1, abs=0.01)
    assert np.std(scale) == pytest.approx(0.05, rel=0.15)


def test_places_spread_as_told():
    middles = np.array([outline.mean(0) for outline in drawn(shift_mm=0.3)])
    assert middles.mean(0) == pytest.approx([5, 7], abs=0.06)
    assert middles.std(0) == pytest.approx([0.3, 0.3], rel=0.15)


def test_dents_bend_the_contour_and_keep_its_place():
    outlines = np.stack(drawn(dents=0.05))
    radii = np.hypot(*(outlines - (5, 7)).transpose(2, 0, 1)) / 2
    assert radii.std() == pytest.approx(0.05 * np.sqrt(3 / 2), rel=0.15)
    assert radii.mean() == pytest.approx(1, abs=0.01)
