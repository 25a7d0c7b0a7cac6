import numpy as np
import pytest
import torch

from core.checks import InputError
from tests.core.data.labelled.conftest import Frames


def test_each_sample_bears_the_name_of_its_class(data):
    for batch in data().test_dataloader():
        assert batch["label"] == [identity[1] for identity in batch["id"]]


def test_frames_are_cached_on_the_networks_grid(data):
    built = data()
    assert built.source[3]["image"].shape == (10, 20)
    assert built.shown(3)[0].shape == (20, 40, 3)


def test_statistics_are_those_of_all_pixels(data):
    built = data()
    rows = built.stages["train"]
    images = np.stack([built.source[row]["image"] for row in rows]) / 255
    assert built.statistics(rows) == pytest.approx((images.mean(), images.std()), abs=1e-12)


def test_a_column_that_is_not_there_is_named(data):
    with pytest.raises(InputError, match="data.label_by: expected a column .* did you mean 'view'"):
        data(label_by="veiw")


def test_a_prediction_needs_no_labels(data):
    built = data()
    built.labels = ()
    built.setup("predict")
    assert "label" not in next(iter(built.predict_dataloader()))


def test_annotations_are_refused(data):
    with pytest.raises(InputError, match="data.annotate: expected none"):
        data(annotate="label")


@pytest.mark.parametrize(("clip", "samples"), [(None, 6), (2, 2)])
def test_a_sample_is_a_frame_or_a_sequence(data, clip, samples):
    built = data(clip=clip)
    assert len(built.sample_rows("test")) == samples
    batches = list(built.test_dataloader())
    assert sorted(built.sample_rows("test")) == sorted(torch.cat([b["index"] for b in batches]))


def test_clips_need_sequences(data, listed):
    source = listed([np.zeros((20, 40), np.uint8)])
    with pytest.raises(InputError, match="data.clip: expected a source with a column 'sequence'"):
        data(source, clip=2)


def test_a_runs_fingerprint_follows_labels_but_the_frames_own_does_not(data):
    source = Frames()
    source.table["view"] = "B"
    plain, relabelled = data(), data(source)
    assert relabelled.source.fingerprint == plain.source.fingerprint
    assert relabelled.fingerprint != plain.fingerprint
    assert data().fingerprint == plain.fingerprint
