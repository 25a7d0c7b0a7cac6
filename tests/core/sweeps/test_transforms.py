import numpy as np
import pytest

from core.checks import InputError
from core.sweeps.transforms import along, matrix_of, names_of, read_calibration, route
from tests.core.sweeps.conftest import rigid, rotation

A, B, C = (rigid(rotation(seed), (seed, 2, 3)) for seed in range(3))
ROWS = "[[2, 0, 0, 1], [0, 2, 0, 5], [0, 0, 2, 7], [0, 0, 0, 1]]"
FLAT = "2 0 0 1 0 2 0 5 0 0 2 7 0 0 0 1"
SCALED = rigid(2 * np.eye(3), (1, 5, 7))


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("ProbeToTracker", ("Probe", "Tracker")),
        ("ToolToTracker", ("Tool", "Tracker")),
        ("Timestamp", None),
        ("Tomato", None),
    ],
)
def test_names_are_told_apart(word, names):
    assert names_of(word) == names


def test_a_route_takes_the_inverse_where_it_must():
    known = {("Image", "Probe"): A, ("Probe", "Tracker"): B, ("Reference", "Tracker"): C}
    way = route(known, "Image", "Reference")
    assert way == ["Image", "Probe", "Tracker", "Reference"]
    np.testing.assert_allclose(along(way, known), np.linalg.inv(C) @ B @ A)


def test_the_shortest_route_is_taken():
    known = [("Image", "Probe"), ("Probe", "Tracker"), ("Image", "Tracker")]
    assert route(known, "Image", "Tracker") == ["Image", "Tracker"]


def test_there_may_be_no_route():
    assert route([("Probe", "Tracker")], "Image", "Tracker") is None


def test_a_transform_that_is_missing_gives_none():
    assert along(["Image", "Probe"], {}) is None


@pytest.mark.parametrize(
    "numbers",
    [
        "1 2 3",
        "1 0 0 0 0 1 0 0 0 0 1 0 1 1 1 1",
        "a b",
        [1, [2]],
        " ".join(["0"] * 15) + " 1",
        "nan " * 16,
    ],
)
def test_matrices_that_are_none_are_refused(numbers):
    with pytest.raises(InputError, match="m: expected an invertible 4 x 4 matrix"):
        matrix_of(numbers, "m")


@pytest.mark.parametrize(
    "content",
    [
        f"ImageToProbe: {ROWS}",
        f"ImageToProbe: {FLAT}",
        f'<PlusConfiguration><!-- a --><A><Transform From="Image" To="Probe" Matrix="{FLAT}" Error="1"/></A></PlusConfiguration>',
    ],
)
def test_calibrations_are_read_in_each_form(tmp_path, content):
    path = tmp_path / "c"
    path.write_text(content)
    [(names, matrix)] = read_calibration(path).items()
    assert names == ("Image", "Probe")
    np.testing.assert_array_equal(matrix, SCALED)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "lines such as"),
        ("{}", "a transform, such as ImageToProbe, got none"),
        ("<a></a>", "a transform, such as ImageToProbe, got none"),
        ("<a>", "expected XML: no element found"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a/>', "XML without declarations"),
        ("probe: 1", "names such as ImageToProbe, got probe"),
        ("ImageToProbe: 1", "ImageToProbe: expected an invertible 4 x 4 matrix"),
        ("[:", "YAML or XML, got neither"),
        ("x" * 1_100_000, "at most 1,048,576 bytes"),
    ],
)
def test_calibrations_that_are_wrong_say_why(tmp_path, content, words):
    path = tmp_path / "c.yaml"
    path.write_text(content)
    with pytest.raises(InputError, match=words):
        read_calibration(path)


def test_a_missing_calibration_is_named(tmp_path):
    with pytest.raises(InputError, match="c.yaml: expected a file that can be read: No such file"):
        read_calibration(tmp_path / "c.yaml")
