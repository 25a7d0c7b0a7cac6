import json
import time

import pytest
import torch

from core.callbacks import InferenceTime, RunSummary

PAUSE_S = 0.02


@pytest.fixture
def measured(tiny, make_trainer, run_dir):
    """Test with a network that takes a known time; returns its calls and the summary."""

    def run(**options):
        calls = []

        class Slow(torch.nn.Module):
            def forward(self, image):
                calls.append((tuple(image.shape), torch.is_inference_mode_enabled(), self.training))
                time.sleep(PAUSE_S)
                return image

            def folded(self):
                return Fast()

        class Fast(torch.nn.Module):
            def forward(self, image):
                time.sleep(PAUSE_S / 10)
                return image

        trainer, task = make_trainer(RunSummary(), InferenceTime(**options)), tiny.Task()
        task.network = Slow()
        trainer.test(task, datamodule=tiny.Data(), verbose=False)
        return calls, json.loads((run_dir / "summary.json").read_text())

    return run


def test_median_time_of_one_image_is_added_to_the_summary(measured):
    _, summary = measured(runs=5, warm_up=1)
    assert 1000 * PAUSE_S <= summary["inference"]["ms_per_image"] < 3000 * PAUSE_S
    assert summary["metrics"]["test/images"] == 5


def test_the_inference_form_is_timed_too(measured):
    inference = measured(runs=5, warm_up=1)[1]["inference"]
    assert inference["ms_per_image_folded"] < inference["ms_per_image"] / 2


def test_it_runs_one_image_for_evaluation(measured):
    calls, _ = measured(runs=3, warm_up=2)
    assert calls == [((1, 4), True, False)] * 5


def test_how_it_was_measured_is_said(measured):
    how = measured(runs=3, warm_up=0)[1]["inference"]["how"]
    assert "batch 1" in how
    assert "precision 32-true, cpu" in how
    assert how.endswith("median of 3")


def test_a_slow_network_is_run_less_often(measured):
    calls, summary = measured(runs=50, warm_up=0, budget_s=PAUSE_S)
    assert len(calls) < 4
    assert summary["inference"]["ms_per_image"] > 0
