"""Real tracked sweeps and the volume that came with one, where they are at hand."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from core.sweeps.metaimage import read_metaimage
from core.sweeps.project import project
from core.sweeps.reconstruct import fill_gaps, reconstruct
from core.sweeps.sweep import is_sweep, sweep_of
from core.sweeps.transforms import matrix_of
from core.sweeps.volume import coronal_grid, volume_of

DATA = Path(__file__).parents[3] / "../shared/data/spine_phantom"
STEPPER = "SegmentationTest_BKMedical_RandomStepperMotionData2_Trimmed"

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data/spine_phantom")

# The probe's calibration that the toolkit's documentation states for the spine phantom.
IMAGE_TO_PROBE = """-0.00157821 0.0785919 -0.00803285 15.3978
                    -0.0839128 0.00372697 0.0153803 49.5705
                    0.0159024 0.00714276 0.0803604 -8.63446
                    0 0 0 1"""
CALIBRATION = {("Image", "Probe"): matrix_of(IMAGE_TO_PROBE, "calibration")}


@pytest.fixture(scope="module")
def sweep():
    image = read_metaimage(DATA / "SpinePhantomFreehand.igs.mha")
    return sweep_of(image, calibration=CALIBRATION, clip=(0, 0, 820, 616))


@pytest.fixture(scope="module")
def theirs():
    return volume_of(read_metaimage(DATA / "SpinePhantomFreehandReconstructed.mha"), "z")


@pytest.mark.parametrize(
    ("name", "shape", "digest"),
    [
        ("BoneUltrasound_L14.igs", (21, 616, 820), "4ec9e29cdd0c3d2b"),
        (STEPPER, (6, 480, 640), "3cfd3b5162952c64"),
        (f"{STEPPER}_Anonymized", (6, 480, 640), "0f9551fa04476a46"),
        ("SpinePhantomFreehand.igs", (21, 616, 820), "b03efd7ce5df1241"),
        ("SpinePhantomFreehandReconstructed", (104, 106, 147), "63ea77330019273c"),
    ],
)
def test_values_are_those_that_simpleitk_reads(name, shape, digest):
    [path] = DATA.glob(f"{name}.*mha") if name != STEPPER else [DATA / f"{STEPPER}.igs.mha"]
    image = read_metaimage(path)
    assert image.values.shape == shape
    assert hashlib.sha256(image.values.tobytes()).hexdigest().startswith(digest)
    assert is_sweep(image) == ("Reconstructed" not in name)


def test_the_sweep_fills_the_box_of_the_volume_that_came_with_it(sweep, theirs):
    corners = [sweep.points_mm(x, y) for x in (0, 1) for y in (0, 1)]
    np.testing.assert_allclose(np.min(corners, axis=(0, 1)), theirs.grid.origin_mm, atol=1e-3)


def test_our_volume_agrees_with_the_one_that_came_with_it(sweep, theirs):
    ours = reconstruct(sweep, theirs.grid)
    both = ours.seen & theirs.seen
    assert both.sum() > 300_000
    assert np.corrcoef(ours.values[both], theirs.values[both])[0, 1] > 0.999
    fill_gaps(ours, 5)
    assert ours.seen[theirs.seen].mean() > 0.97


def test_projections_agree_too(sweep, theirs):
    ours = reconstruct(sweep, theirs.grid)
    fill_gaps(ours, 5)
    for mode in ("mean", "max"):
        pair = [project(volume, (18, 38), mode).ravel() for volume in (ours, theirs)]
        assert np.corrcoef(pair)[0, 1] > 0.98


def test_the_vertebra_casts_its_shadow_on_the_coronal_image():
    image = read_metaimage(DATA / "SpinePhantomFreehand.igs.mha")
    sweep = sweep_of(image, calibration=CALIBRATION)
    volume = reconstruct(sweep, coronal_grid(sweep, 0.5))
    fill_gaps(volume, 5)
    image = project(volume, (15, 35), "max")
    middle = image.shape[1] // 2
    assert image[45:65, middle - 5 : middle + 5].mean() < 0.5 * image[45:65].max(axis=0).mean()


def test_every_tracked_sweep_gives_a_grid():
    for name in ("BoneUltrasound_L14.igs.mha", "SpinePhantomFreehand.igs.mha"):
        sweep = sweep_of(read_metaimage(DATA / name), calibration=CALIBRATION)
        assert sweep.route == ("Image", "Probe", "Tracker", "Reference")
        assert len(sweep.used) == 21
        assert len(coronal_grid(sweep, 0.5).shape) == 3
