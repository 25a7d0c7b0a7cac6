import numpy as np
import pytest

from core.phantoms.heart.machines import MACHINES
from core.phantoms.heart.screen import Caption, canvas, draw_ecg

CAPTION = {
    "name": "DOE^JANE",
    "number": "12345678",
    "date": "01/02/2015 10:11:12",
    "site": "PHANTOM GENERAL HOSPITAL",
    "rate_bpm": 70.0,
    "depth_mm": 165.0,
}


@pytest.fixture(params=MACHINES, scope="module")
def machine(request):
    return MACHINES[request.param]


def drawn(machine, scale=1.0, **changed):
    return canvas(machine, Caption(**(CAPTION | changed)), scale)


def outside(machine, image):
    x0, y0, x1, y1 = machine.region
    copy = image.copy()
    copy[y0 : y1 + 1, x0 : x1 + 1] = 0
    return copy


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("name", "MUSTERMANN^ERIKA"),
        ("number", "87654321"),
        ("date", "28/12/2019 23:59:59"),
        ("site", "EXAMPLE UNIVERSITY HOSPITAL"),
    ],
)
def test_what_identifies_lies_outside_of_the_region(machine, what, other):
    changed = (drawn(machine) != drawn(machine, **{what: other})).any(axis=2)
    x0, y0, x1, y1 = machine.region
    assert changed.any()
    assert not changed[y0 : y1 + 1, x0 : x1 + 1].any()
    assert np.flatnonzero(changed.any(axis=1)).max() < machine.header_rows


def test_sector_lies_on_the_screen(machine):
    x0, y0, x1, y1 = machine.region
    rows, columns = machine.size
    assert 0 < x0 < x1 < columns
    assert machine.header_rows < y0 < y1 < rows


def test_machines_have_screens_of_their_own():
    assert len({machine.size for machine in MACHINES.values()}) == 3
    assert len({machine.accent for machine in MACHINES.values()}) == 3


def test_marks_are_in_the_colour_of_the_machine(machine):
    image = drawn(machine).reshape(-1, 3)
    assert (image == machine.accent).all(axis=1).sum() > 50


def test_smaller_screens_show_the_same(machine):
    full, half = drawn(machine), drawn(machine, 0.5)
    assert half.shape == (machine.size[0] // 2, machine.size[1] // 2, 3)
    assert half.mean() == pytest.approx(full.mean(), rel=0.02)


def test_ecg_is_green_and_stays_in_its_strip(machine):
    image = np.zeros((*machine.size, 3), np.uint8)
    voltage = np.zeros(300, np.float32)
    voltage[150] = 1
    draw_ecg(image, machine, voltage, 1.0)
    rows, columns = np.nonzero(image[..., 1])
    top, bottom = machine.ecg_rows
    assert top <= rows.min() < rows.max() <= bottom
    assert image[..., 1].sum() > 2 * image[..., 0].sum()
    assert columns[np.argmin(rows)] == pytest.approx(machine.size[1] / 2, abs=5)


def test_depth_marks_are_a_centimetre_apart(machine):
    image = outside(machine, drawn(machine))
    _, _, x1, y1 = machine.region
    marks = np.flatnonzero(image[machine.header_rows : y1, x1 + 8].any(axis=1))
    assert np.diff(marks) == pytest.approx(machine.radius / 16.5, abs=1)
