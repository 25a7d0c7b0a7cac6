import html.parser
import re

import numpy as np
import pandas as pd
import pytest

from core.checks import InputError
from core.metrics.agreement import bland_altman
from core.reports import write_report
from core.reports.contours import PREDICTION_RGB, TRUTH_RGB
from core.reports.drawing import Plot
from core.reports.masks import save_mask
from tests.core.reports.conftest import rectangle

HOSTILE = "<script>alert(1)</script>"


class Page(html.parser.HTMLParser):
    """What a page holds: its tags with their attributes, and its text."""

    def __init__(self, path):
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.tags, self.words = [], []
        self.feed(self.source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def all(self, wanted):
        return [attributes for tag, attributes in self.tags if tag == wanted]


@pytest.fixture(autouse=True)
def not_rendered(monkeypatch):
    """Spare most tests the rendering of figures, which test_figures.py is about."""

    def save(plot, folder):
        (folder / f"{plot.name}.png").write_bytes(b"")

    monkeypatch.setattr(Plot, "save", save)


@pytest.fixture
def page(tiny_run, mixed_rows):
    tiny_run.write(
        mixed_rows,
        metrics={"test/dice": 0.6, "test/dice_all_empty": 0.4},
        data={"source": "NervePhantom", "hash": "abc123", "simulated": True},
        versions={"torch": "2.15.0"},
    )
    rows = [{"label": "Dice", "paper": 0.61, "ours": 0.6}]
    return Page(write_report(tiny_run.root, tiny_run.images, rows))


def test_page_asks_nothing_of_a_network(page):
    links = [
        a.get(key) for _, a in page.tags for key in ("src", "href", "srcset", "poster") if key in a
    ]
    assert links
    assert all(link.startswith("data:") for link in links)
    assert not re.search(r"@import|url\(", page.source)
    assert not page.all("script")


def test_every_image_is_described(page):
    assert all(len(image["alt"]) > 20 for image in page.all("img"))


def test_simulated_data_is_marked(page):
    assert "SIMULATED DATA" in page.text
    assert "cannot be held against the paper's" in page.text


def test_key_numbers_reference_and_origin_are_on_the_page(page):
    for words in ("the all-empty answer scores 0.400", "Paper", "0.61", "abc123", "torch 2.15.0"):
        assert words in page.text


def test_folders_of_paths_stay_off_the_page(page):
    assert "root: nerves" in page.source
    assert "JANSSON_EVA" not in page.source


def test_figures_lie_beside_the_page(page, tiny_run):
    names = {path.stem for path in (tiny_run.root / "figures").glob("*.png")}
    assert names == {
        *("loss", "val_dice", "outcomes", "dice", "hausdorff"),
        *("structure_size", "subjects", "outlines", "notable"),
    }


def test_groups_have_a_table_curves_outlines_and_areas(tiny_run, grouped_rows):
    tiny_run.write(grouped_rows)
    page = Page(write_report(tiny_run.root, tiny_run.images, agree=bland_altman))
    for words in (
        "By group",
        "HM70A, wrist 6",
        "0.8000",
        "Typical outlines",
        "Areas",
        "Not elliptical",
    ):
        assert words in page.text
    names = {path.stem for path in (tiny_run.root / "figures").glob("*.png")}
    assert {"roc", "outlines", "notable", "areas"} <= names


def test_restored_images_and_angles_have_sections(tiny_run, mixed_rows):
    tiny_run.write(mixed_rows, metrics={"test/psnr_gain": 4.0, "test/angle_error_deg": 1.25})
    known = {"index": [0], "id": [HOSTILE], "subject": "a", "psnr_input": 20.0}
    known |= {"psnr_restored": 24.0, "ssim_input": 0.5, "ssim_restored": 0.6, "edge_input": 8.0}
    known |= {"edge_restored": 4.0, "detail_change": 0.01, "detail_loss": 0.2}
    pd.DataFrame(known).to_csv(tiny_run.root / "restoration.csv", index=False)
    (tiny_run.root / "restored").mkdir()
    save_mask(rectangle(0, 0, 24, 20, (24, 32)), tiny_run.root / "restored" / "000000.png")
    angles = {"subject": list("abc"), "truth_deg": [1.0, 2.0, 3.0], "prediction_deg": [1, 3, 4]}
    pd.DataFrame(angles).to_csv(tiny_run.root / "spine_angle.csv", index=False)
    page = Page(write_report(tiny_run.root, tiny_run.images, agree=bland_altman))
    for words in ("PSNR gained 4.00 dB", "Spine angle, mean error 1.2 °", "Largest gain in PSNR"):
        assert words in page.text
    assert "Agreement: spine angle" in page.text
    assert not page.all("script")
    names = {path.stem for path in (tiny_run.root / "figures").glob("*.png")}
    assert {"restoration", "restoration_psnr", "restoration_edge", "spine_angle"} <= names


def test_annotations_removed_and_found_have_sections(removal_run):
    removal_run.add_pairs()
    found = {"index": 0, "id": "im0", "subject": [*"abcdef"], "kind": f"label{HOSTILE}"}
    found |= {"truth": [1, 0] * 3, "confidence": [0.9, 0.1] * 3}
    pd.DataFrame(found).to_csv(removal_run.root / "presence.csv", index=False)
    removal_run.read(id=HOSTILE)
    page = Page(write_report(removal_run.root, pytest.fail))
    for words in (
        "PSNR-HVS-M, Noise2Noise 35.50 dB",
        "Annotation removal Measure Input (untouched) Noise2Noise Noise2Clean",
        "Body marker, worst",
        "Removed by Noise2Clean x4",
        "Annotations found",
        "Training pairs",
        "+1.50, -0.25, +0.00 grey levels",
    ):
        assert words in page.text
    assert not page.all("script")
    assert all(len(image["alt"]) > 20 for image in page.all("img"))
    names = {path.stem for path in (removal_run.root / "figures").glob("*.png")}
    assert {"removal", "removal_quality", "removal_dice", "pairs", "presence_roc"} <= names


def test_what_the_run_knows_nothing_of_is_not_on_the_page(page):
    for words in (
        "Restoration",
        "Annotation",
        "Training pairs",
        "Spine angle",
        "By group",
        "AUC",
        "Agreement: area",
        "Not elliptical",
        "Two masses",
    ):
        assert words not in page.text


def test_areas_need_somebody_to_measure_agreement(tiny_run, grouped_rows):
    tiny_run.write(grouped_rows)
    assert "Agreement: area" not in Page(write_report(tiny_run.root, tiny_run.images)).text


def test_legend_has_the_colours_of_the_outlines(page):
    for name, colour in (("truth", TRUTH_RGB), ("prediction", PREDICTION_RGB)):
        assert f"--{name}: rgb{colour}" in page.source


def test_real_data_has_no_badge(tiny_run, mixed_rows):
    tiny_run.write(mixed_rows, data={"simulated": False})
    assert "SIMULATED" not in write_report(tiny_run.root, tiny_run.images).read_text()


def test_hostile_names_are_text(tiny_run, mixed_rows):
    rows = [row | {"subject": f"{row['subject']}{HOSTILE}", "id": HOSTILE} for row in mixed_rows]
    tiny_run.write(rows, project=HOSTILE, run=HOSTILE, command=HOSTILE)
    page = Page(write_report(tiny_run.root, tiny_run.images))
    assert not page.all("script")
    assert HOSTILE in page.text


def test_only_the_images_shown_are_read(tiny_run, mixed_rows):
    tiny_run.write(mixed_rows)
    write_report(tiny_run.root, tiny_run.images)
    assert set(tiny_run.read) < set(range(15))
    assert not {3, 8, 13} & set(tiny_run.read)  # true negatives have nothing to show


def test_same_run_gives_the_same_page(tiny_run, mixed_rows):
    tiny_run.write(mixed_rows)
    first = write_report(tiny_run.root, tiny_run.images).read_bytes()
    assert write_report(tiny_run.root, tiny_run.images).read_bytes() == first


def test_run_that_only_tested_has_no_curves(tiny_run, mixed_rows):
    tiny_run.write(mixed_rows, epochs=0)
    page = Page(write_report(tiny_run.root, tiny_run.images))
    assert "Training" not in page.text
    assert "Over the test images" in page.text


def test_run_that_was_not_tested_has_curves_only(tiny_run):
    tiny_run.write([])
    page = Page(write_report(tiny_run.root, tiny_run.images))
    assert "Training" in page.text
    assert "Examples" not in page.text


def test_kind_without_a_case_is_said_to_have_none(tiny_run, mixed_rows):
    tiny_run.write([row for row in mixed_rows if row["outcome"] != "FN"])
    text = Page(write_report(tiny_run.root, tiny_run.images)).text
    assert "Missed No pixel of the structure is found" in text
    assert "the largest first. None among the test images." in text


def test_run_without_a_single_distance_has_no_distance_figure(tiny_run, mixed_rows):
    tiny_run.write([row | {"hd95_px": np.nan} for row in mixed_rows])
    write_report(tiny_run.root, tiny_run.images)
    assert not (tiny_run.root / "figures" / "hausdorff.png").exists()


def test_single_image_is_enough(tiny_run):
    mask = np.ones((20, 30), np.uint8)
    tiny_run.write([tiny_run.add(mask, mask)], epochs=1)
    assert "Dice 1.000" in Page(write_report(tiny_run.root, tiny_run.images)).text


def test_images_of_different_sizes_stand_side_by_side(tiny_run):
    shapes = [(20, 30), (200, 90), (31, 31)]
    masks = [np.pad(np.ones((h - 8, w - 8), np.uint8), 4) for h, w in shapes]
    tiny_run.write([tiny_run.add(mask, mask) for mask in masks])
    page = Page(write_report(tiny_run.root, tiny_run.images))
    assert len(re.findall("data:image/jpeg", page.source)) == 3 + 3  # typical, and lowest Dice


def test_prediction_of_another_size_is_named(tiny_run):
    mask = np.ones((20, 30), np.uint8)
    row = tiny_run.add(mask, mask)
    tiny_run.truths[0] = np.ones((21, 30), np.uint8)
    tiny_run.write([row])
    with pytest.raises(InputError, match=r"prediction 0: expected size \(21, 30\) like image 0"):
        write_report(tiny_run.root, tiny_run.images)
