import numpy as np
import pytest
import torch

from core.checks import InputError
from core.data import KerasAffine, RandomGraphics
from core.data.labelled.clips import Clips
from core.data.loader import SampleKey
from core.data.module import ImageData


def levels(clip):
    """Which rows a clip's frames are of."""
    return (clip["image"].mean(dim=(1, 2, 3)) * 255 / 5).round().int().tolist()


def test_a_clip_is_one_sample_of_each_sequence(data):
    built = data(clip=3)
    batches = list(built.test_dataloader())
    assert sum(len(batch["index"]) for batch in batches) == 2
    assert batches[0]["image"].shape == (2, 3, 1, 10, 20)


def test_all_frames_of_a_clip_are_of_its_sequence_in_order(data):
    [batch] = data(clip=3).test_dataloader()
    for image, first in zip(batch["image"], batch["index"].tolist(), strict=True):
        assert levels({"image": image}) == [first, first + 1, first + 2]


def test_a_short_sequence_gives_frames_twice(data):
    [batch] = data(clip=6).test_dataloader()
    first = int(batch["index"][0])
    assert levels({"image": batch["image"][0]}) == [first + place // 2 for place in range(6)]


def test_training_takes_other_frames_in_other_epochs(data):
    clips = dataset_of(data(clip=1).train_dataloader())
    first = clips.first_rows[0]
    rows = {levels(clips[SampleKey(first, epoch, False)])[0] for epoch in range(20)}
    assert rows == {first, first + 1, first + 2}


def dataset_of(loader):
    return loader._batches.dataset


def test_the_same_epoch_gives_the_same_clip(data):
    clips = dataset_of(data(clip=2).train_dataloader())
    key = SampleKey(clips.first_rows[0], 3, False)
    one, other = (clips[key]["image"] for _ in range(2))
    assert torch.equal(one, other)


def test_frames_of_a_clip_are_augmented_alike(data, monkeypatch):
    built = data(clip=3)
    frames = ImageData._dataset(built)
    drawn = []
    frames.augment = lambda placed, *numbers: drawn.append(numbers) or placed
    sequence = np.array(["s"] * 3)
    _ = Clips(frames, np.arange(3), sequence, 3)[SampleKey(0, 7, False)]
    assert set(drawn) == {(7, 0, 0)}


def test_equal_frames_of_a_clip_stay_equal_when_they_are_moved(data):
    built = data(clip=3, augment=[KerasAffine(rotation_deg=30, width_shift=0.2)])
    frames = built._dataset(augment=built.augment)
    frames.source = [{"image": np.tile(np.arange(20, dtype=np.uint8), (10, 1))}] * 3
    one, *others = Clips(frames, np.arange(3), np.array(["s"] * 3), 3)[SampleKey(0, 7, False)][
        "image"
    ]
    assert (one[0] != one[0, 0]).any()
    assert all(torch.equal(one, other) for other in others)


def test_random_graphics_are_refused_for_each_frame_would_have_its_own(data):
    with pytest.raises(InputError, match="data.augment: expected none beside data.clip.*Graphics"):
        data(clip=3, augment=[RandomGraphics()])
    data(augment=[RandomGraphics()])
