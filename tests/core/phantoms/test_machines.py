import numpy as np
import pytest

from core.phantoms.machines import MACHINES
from core.phantoms.speckle import scatterers

SPACING_MM = 0.05
SIZE = (256, 256)


def speckle(name, seed):
    scanner = MACHINES[name].scanner(np.random.default_rng(seed), SPACING_MM)
    return scanner.image(np.full(SIZE, 0.01, np.float32), scatterers(SIZE, (seed,)))


def correlation_mm(image, axis):
    """Distance at which the autocorrelation falls to one half."""
    image = np.moveaxis(image - image.mean(), axis, 0).astype(float)
    falls = np.array([(image[: len(image) - k] * image[k:]).mean() for k in range(40)])
    return int(np.argmax(falls < 0.5 * falls[0])) * SPACING_MM


def test_machines_differ_in_the_size_of_their_speckle():
    across, down = (
        {
            name: np.mean([correlation_mm(speckle(name, k), axis) for k in range(4)])
            for name in MACHINES
        }
        for axis in (1, 0)
    )
    assert across["HM70A"] > 1.3 * across["miniSONO"]
    assert down["HM70A"] > 1.3 * down["miniSONO"]


def test_the_machine_that_smooths_its_speckle_shows_less_of_it():
    grain = {
        name: np.mean([(i := speckle(name, k)).std() / i.mean() for k in range(4)])
        for name in MACHINES
    }
    assert grain["miniSONO"] > 1.5 * grain["HM70A"]


def test_hands_are_scanned_with_other_settings():
    machine = MACHINES["HM70A"]
    one, other = (machine.scanner(np.random.default_rng(k), 0.1) for k in (0, 1))
    assert one.gain_db != other.gain_db
    assert one.focus_mm != other.focus_mm


@pytest.mark.parametrize(("name", "depth_mm"), [("HM70A", 27.0), ("miniSONO", 25.0)])
@pytest.mark.parametrize("scale", [0.25, 0.5, 1.0])
def test_the_grid_covers_the_depth_and_nearly_the_width(name, depth_mm, scale):
    (rows, columns), spacing_mm = MACHINES[name].grid(scale)
    assert rows * spacing_mm == pytest.approx(depth_mm)
    assert columns * spacing_mm == pytest.approx(MACHINES[name].width_mm, rel=0.01)
