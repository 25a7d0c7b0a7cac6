import numpy as np
import pytest
from PIL import Image

from core.annotations import Annotator, BodyMarker
from core.annotations.icons import Palette, drawn_icons
from core.checks import InputError

SHAPE = (800, 800)


def stamps(marker, count=1, shape=SHAPE):
    rng = np.random.default_rng(0)
    return [next(iter(marker.look(rng)(shape, rng))) for _ in range(count)]


def save(path, pixels):
    Image.fromarray(np.array(pixels, np.uint8)).save(path)
    return path.parent


def opaque(icon, size=48):
    return icon.painted(size, Palette((255, 255, 255)))


def test_places_are_those_of_the_paper():
    """[50, 300) and [500, 800) of 800, the same for both axes, uniform over the union."""
    found = stamps(BodyMarker(probes=(), size=(0.02, 0.02)), 3000)
    for axis in range(2):
        place = np.array([stamp[axis] for stamp in found])
        low, high = (place >= 50) & (place < 300), (place >= 500) & (place < 800)
        assert (low | high).all()
        assert low.mean() == pytest.approx(250 / 550, abs=0.045)
        assert place[low].min() < 55
        assert place[high].max() > 794
        assert place[low].mean() == pytest.approx(175, abs=10)
        assert place[high].mean() == pytest.approx(650, abs=12)
    rows, columns = np.array([stamp[:2] for stamp in found]).T
    assert abs(np.corrcoef(rows, columns)[0, 1]) < 0.09


def test_places_follow_each_side_of_the_image():
    found = stamps(BodyMarker(probes=(), places=((0.5, 0.75),)), 300, (100, 1000))
    rows, columns = np.array([stamp[:2] for stamp in found]).T
    assert 50 <= rows.min() < rows.max() < 75
    assert 500 <= columns.min() < 520 < 730 < columns.max() < 750


def test_sizes_are_shares_of_the_shorter_side():
    found = stamps(BodyMarker(probes=(), size=(0.1, 0.2)), 300, (1000, 400))
    longer = [max(stamp.rgba.shape) for stamp in found]
    assert 40 <= min(longer) < 44 < 76 < max(longer) <= 81


def test_small_images_get_an_icon_that_can_be_seen():
    longer = [max(stamp.rgba.shape) for stamp in stamps(BodyMarker(probes=()), 30, (96, 96))]
    assert min(longer) >= 20


def test_a_dozen_icons_and_more_are_all_different():
    icons = drawn_icons()
    assert len({icon.name for icon in icons}) == len(icons) >= 12
    drawn = [np.resize(opaque(icon), (48, 48, 4)) for icon in icons]
    for number, one in enumerate(drawn):
        for other in drawn[:number]:
            assert (one != other).mean() > 0.1


@pytest.mark.parametrize("icon", drawn_icons(), ids=lambda icon: icon.name)
@pytest.mark.parametrize("size", [20, 96, 160])
def test_icons_have_their_size_and_fill_it(icon, size):
    rgba = opaque(icon, size)
    assert max(rgba.shape[:2]) in (size, size + 1)
    inked = rgba[..., 3] > 25
    for axis in range(2):
        where = np.flatnonzero(inked.any(axis=axis))
        assert where[0] <= 2
        assert where[-1] >= inked.shape[1 - axis] - 4
    assert (rgba[..., :3] <= rgba[..., 3:]).all()


def test_outlines_alone_leave_the_inside_clear():
    icon = next(icon for icon in drawn_icons() if icon.name == "knee")
    hollow = icon.painted(96, Palette((255, 255, 255), opacity=0))
    assert (hollow[..., 3] > 0).mean() < 0.5 < (opaque(icon, 96)[..., 3] > 0).mean()


def test_a_pair_shows_the_same_icon():
    rng = np.random.default_rng(5)
    for _ in range(20):
        look = BodyMarker().look(rng)
        first, second = (next(iter(look(SHAPE, rng))) for _ in range(2))
        np.testing.assert_array_equal(first.rgba, second.rgba)
        assert first[:2] != second[:2]


def test_the_probe_has_one_of_its_colours():
    marker = BodyMarker(probes=((255, 0, 255),), palettes=[Palette((9, 9, 9))])
    for stamp in stamps(marker, 30):
        assert (stamp.rgba == (255, 0, 255, 255)).all(axis=-1).sum() > 20


def test_probes_are_held_in_many_ways():
    icon = drawn_icons()[0]
    marker = BodyMarker(palettes=[Palette((9, 9, 9))], size=(0.2, 0.2))
    marker.icons = (icon,)
    assert len({stamp.rgba.tobytes() for stamp in stamps(marker, 30)}) == 30


def test_pictures_of_a_folder_are_used_instead(tmp_path):
    rgba = np.zeros((10, 20, 4), np.uint8)
    rgba[2:8, 5:15] = (200, 100, 50, 255)
    marker = BodyMarker(icons=save(tmp_path / "a.png", rgba))
    clean = np.zeros((200, 200), np.uint8)
    for key in range(20):
        image, mask = Annotator([marker]).annotate(clean, key)
        inside = image[mask > 0].astype(float)
        if len(inside):
            np.testing.assert_allclose(inside[:, 1], inside[:, 0] / 2, atol=1)
    assert len(marker.icons) == 1


def test_black_is_transparent_where_a_picture_says_nothing_about_it(tmp_path):
    rgb = np.zeros((30, 30, 3), np.uint8)
    rgb[:, :15] = (0, 0, 90)
    marker = BodyMarker(icons=save(tmp_path / "a.png", rgb), size=(0.3, 0.3), smallest_px=30)
    rgba = stamps(marker, shape=(100, 100))[0].rgba
    np.testing.assert_array_equal(
        rgba[..., 3], np.where(np.arange(30) < 15, 255, 0)[None] * np.ones((30, 1))
    )


def test_own_icons_can_be_kept_beside_those_of_a_folder(tmp_path):
    save(tmp_path / "a.png", np.full((8, 8), 255))
    marker = BodyMarker(icons=tmp_path, keep_own=True)
    assert len(marker.icons) == len(drawn_icons()) + 1
    Annotator([marker]).annotate(np.zeros((64, 64), np.uint8), 0)


def broken(folder):
    (folder / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda folder: None, "at least one .png file"),
        (broken, "bad.png: expected a whole PNG file"),
        (lambda folder: save(folder / "dark.png", np.zeros((8, 8))), "nothing but transparent"),
        (lambda folder: folder.rmdir(), "expected a folder, got nothing of that name"),
    ],
)
def test_a_folder_without_readable_pictures_is_refused(tmp_path, prepare, message):
    folder = tmp_path / "icons"
    folder.mkdir()
    prepare(folder)
    with pytest.raises(InputError) as error:
        BodyMarker(icons=folder)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "arguments",
    [
        {"places": ()},
        {"places": ((0.5, 0.2),)},
        {"places": ((0.5, 1.2),)},
        {"size": (0.0, 1.5)},
        {"smallest_px": 1},
        {"palettes": ()},
        {"probes": ((0, 0, 256),)},
    ],
)
def test_wrong_numbers_are_refused(arguments):
    with pytest.raises(InputError, match=next(iter(arguments))):
        BodyMarker(**arguments)
