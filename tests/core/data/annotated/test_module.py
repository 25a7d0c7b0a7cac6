"""Annotated data: pairs that share a clean image, drawn alike wherever they are loaded."""

import albumentations
import numpy as np
import pandas as pd
import pytest
import torch

from core.annotations import Annotator
from core.checks import InputError
from core.data import HoldoutSplit, Manifest, NervePhantom
from core.data.annotated import AnnotatedData, write_pairs


@pytest.fixture
def data(tmp_path):
    def build(stage="fit", **options):
        module = AnnotatedData(
            **{
                "source": NervePhantom(subjects=6, frames=2, size=(40, 56), seed=1),
                "split": HoldoutSplit(val=0.2, test=0.3),
                "size": (48, 64),
                "batch_size": 4,
                "annotate": ["body_marker", "radial_line", "flow_box"],
                "cache_dir": tmp_path / "cache",
                **options,
            }
        )
        module.prepare_data()
        module.setup(stage)
        return module

    return build


def whole(loader):
    """All that a loader gives, by key."""
    batches = list(loader)
    return {
        key: torch.cat([batch[key] for batch in batches]) for key in ("image", "target", "mask")
    }


def test_a_batch_has_two_noisy_images_of_one_clean_one(data):
    batch = next(iter(data().train_dataloader()))
    for name in ("image", "target", "reference"):
        assert (batch[name].shape, batch[name].dtype) == ((4, 3, 48, 64), torch.float32)
    changed = [(batch[name] != batch["reference"]).any(1) for name in ("image", "target")]
    assert all(noise.any() for noise in changed)
    assert not torch.equal(*changed)
    unchanged = ~(changed[0] | changed[1])
    same = (batch["image"] == batch["target"]).all(1)
    assert same[unchanged].all()


def test_the_mask_is_where_the_image_was_changed(data):
    for loader in (data().train_dataloader(), data().test_dataloader()):
        batch = next(iter(loader))
        changed = (batch["image"] != batch["reference"]).any(1)
        assert torch.equal(batch["mask"] > 0, changed)


def test_the_truth_of_an_evaluation_is_its_mask(data):
    batch = next(iter(data().test_dataloader()))
    for truth, mask in zip(batch["truth"], batch["mask"], strict=True):
        assert truth.dtype == np.uint8
        np.testing.assert_array_equal(truth, mask)


def test_an_epoch_has_each_image_as_often_as_asked(data):
    module = data(per_image=3, batch_size=1)
    rows = [row for batch in module.train_dataloader() for row in batch["index"].tolist()]
    assert sorted(rows) == sorted(module.stages["train"].tolist() * 3)


def test_copies_of_an_image_differ(data):
    module = data(per_image=4, batch_size=1, split=HoldoutSplit(val=0, test=0.8))
    batches = list(module.train_dataloader())
    images = [batch["image"] for batch in batches if batch["index"] == batches[0]["index"]]
    assert len(images) == 4
    assert len({image.numpy().tobytes() for image in images}) == 4


def test_an_epoch_can_be_shorter(data):
    batches = list(data(per_image=3, per_epoch=9).train_dataloader())
    assert sum(len(batch["index"]) for batch in batches) == 8  # whole batches


@pytest.mark.parametrize("redraw", [True, False])
def test_annotations_are_drawn_anew_in_each_epoch_if_wanted(data, redraw):
    module = data(redraw=redraw, batch_size=1)
    loader, seen = module.train_dataloader(), []
    for epoch in (0, 1):
        loader.sampler.set_epoch(epoch)
        pairs = [(b["index"], b["image"]) for b in loader]
        rows, images = (torch.cat(part) for part in zip(*pairs, strict=True))
        seen.append(images[rows.argsort()])
    assert torch.equal(*seen) is not redraw


def test_any_number_of_workers_gives_the_same(data):
    alone, many = (whole(data(workers=count).train_dataloader()) for count in (0, 2))
    assert all(torch.equal(alone[key], many[key]) for key in alone)


def test_an_evaluation_is_always_the_same(data):
    first, second = (whole(data().test_dataloader()) for _ in range(2))
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_what_is_shown_is_what_was_tested(data):
    module = data()
    batch = next(iter(module.test_dataloader()))
    image, mask = module.shown(int(batch["index"][0]))
    np.testing.assert_array_equal(image, (255 * batch["image"][0]).round().permute(1, 2, 0).byte())
    np.testing.assert_array_equal(mask, batch["truth"][0])


def test_groups_are_the_kinds_where_there_are_several(data):
    module = data()
    batch = next(iter(module.test_dataloader()))
    names = ("body_marker", "radial_line", "flow_box")
    for group, mask in zip(batch["group"], batch["mask"], strict=True):
        assert mask.max() in (0, names.index(group) + 1)
    assert not data(annotate="radial_line").groups
    assert not data(annotate=Annotator(["radial_line", "flow_box"], chance=0.5)).groups


def test_a_prediction_takes_images_as_they_are(data):
    batch = next(iter(data("predict").predict_dataloader()))
    assert batch["original_size"][0].tolist() == [40, 56]
    assert "target" not in batch


@pytest.mark.parametrize("options", [{"per_image": 0}, {"per_epoch": 0}, {"annotate": "sticker"}])
def test_wrong_numbers_are_refused(data, options):
    with pytest.raises(InputError):
        data(**options)


def test_a_written_dataset_can_be_read_again(data, tmp_path):
    flip = albumentations.HorizontalFlip(p=1.0)
    module = data(per_image=2, redraw=False, augment=[flip])
    manifest = write_pairs(module, tmp_path / "out")
    rows, again = pd.read_csv(manifest, dtype=str), Manifest(manifest)
    assert len(again) == len(rows) == 2 * len(module.source)
    assert again.table["subject"].tolist() == 2 * module.source.table["subject"].tolist()
    stages = {row: name for name, rows in module.stages.items() for row in rows}
    assert rows["stage"].tolist() == [stages[row] for row in range(len(module.source))] * 2
    clean, noisy, _ = module.training_set(augmented=False).pair(3, copy=1)
    np.testing.assert_array_equal(clean, module.gridded[3]["image"])
    sample = again[len(module.source) + 3]
    np.testing.assert_array_equal(sample["image"], noisy.image)
    np.testing.assert_array_equal(sample["mask"], noisy.mask > 0)
    np.testing.assert_array_equal((noisy.image != clean).any(-1), sample["mask"])


def test_a_folder_that_holds_something_is_not_written_into(data, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="empty folder"):
        write_pairs(data(), tmp_path / "out")
