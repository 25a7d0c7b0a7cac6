import numpy as np
import pytest
from scipy import ndimage

from core.checks import InputError
from core.edges import EdgeMeasure

KERNELS = {
    "sobel": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]) / 8,
    "prewitt": np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]]) / 6,
    "forward": np.array([[0], [-1], [1]]),
    "central": np.array([[-1], [0], [1]]) / 2,
    "second": np.array([[1], [-2], [1]]),
}
IMAGE = np.random.default_rng(0).integers(0, 256, (37, 23), dtype=np.uint8)


@pytest.mark.parametrize("operator", KERNELS)
def test_map_is_scipys_correlation_without_its_sign(operator):
    expected = ndimage.correlate(IMAGE.astype(float), KERNELS[operator], mode="nearest")
    found = EdgeMeasure(operator).map(IMAGE)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, np.abs(expected), atol=1e-4)


@pytest.mark.parametrize("operator", ["sobel", "prewitt", "forward", "central"])
def test_first_derivatives_have_unit_gain_on_a_ramp(operator):
    ramp = np.repeat(np.arange(0, 120, 3, dtype=np.uint8)[:, None], 9, axis=1)
    np.testing.assert_allclose(EdgeMeasure(operator).map(ramp)[1:-1], 3, atol=1e-5)


def test_second_difference_of_a_ramp_is_zero_and_of_a_line_is_twice_its_height():
    ramp = np.repeat(np.arange(40, dtype=np.uint8)[:, None], 9, axis=1)
    assert EdgeMeasure("second").map(ramp)[1:-1].max() == 0
    line = np.full((9, 9), 50, np.uint8)
    line[4] = 60
    assert EdgeMeasure("second").map(line)[4].tolist() == [20] * 9


@pytest.mark.parametrize("operator", KERNELS)
def test_neither_borders_nor_vertical_lines_make_an_edge(operator):
    upright = np.repeat(IMAGE[:1], 20, axis=0)
    assert EdgeMeasure(operator).map(upright).max() == pytest.approx(0, abs=1e-4)


def test_part_of_an_image_is_measured_like_the_whole():
    whole = EdgeMeasure().map(IMAGE)
    part = EdgeMeasure().map(IMAGE[5:20, 3:15])  # a view with gaps between its rows
    np.testing.assert_allclose(part[1:-1, 1:-1], whole[6:19, 4:14])


def test_mean_is_over_all_pixels_or_those_inside():
    edges, inside = EdgeMeasure("central").map(IMAGE).astype(float), IMAGE > 100
    assert EdgeMeasure("central").mean(IMAGE) == pytest.approx(edges.mean())
    assert EdgeMeasure("central").mean(IMAGE, inside) == pytest.approx(edges[inside].mean())
    assert np.isnan(EdgeMeasure().mean(IMAGE, IMAGE > 255))


def test_unknown_operator_is_refused():
    with pytest.raises(InputError, match="operator: expected sobel or prewitt or .*, got laplace"):
        EdgeMeasure("laplace")


@pytest.mark.parametrize("image", [IMAGE / 255, IMAGE[..., None]])
def test_other_images_than_grey_bytes_are_refused(image):
    with pytest.raises(InputError, match=r"expected \(H, W\) uint8, got array of shape"):
        EdgeMeasure().map(image)


def test_inside_of_another_shape_is_refused():
    with pytest.raises(InputError, match=r"inside: expected shape \(37, 23\)"):
        EdgeMeasure().mean(IMAGE, np.ones((5, 5), bool))
