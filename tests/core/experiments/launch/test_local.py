"""Where cells run on this machine."""

import pytest
import torch

from core.experiments.launch import local


@pytest.fixture
def gpus(monkeypatch):
    """Pretend that torch sees so many GPUs, of those that the environment names."""

    def pretend(count, visible=None):
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        if visible is not None:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)

    return pretend


def devices(jobs):
    return [place["CUDA_VISIBLE_DEVICES"] for place in local.places(jobs)]


def test_each_gpu_takes_one_cell(gpus):
    gpus(3)
    assert devices(None) == ["0", "1", "2"]


def test_fewer_jobs_have_one_gpu_each_too(gpus):
    gpus(4)
    assert devices(2) == ["0", "1"]


def test_more_jobs_than_gpus_share_them(gpus):
    gpus(2)
    assert devices(3) == ["0", "1", "0"]


def test_gpus_are_those_that_the_environment_allows(gpus):
    gpus(2, visible="5, GPU-8932f937")
    assert devices(None) == ["5", "GPU-8932f937"]


def test_hidden_gpus_are_left_alone(gpus):
    gpus(0, visible="")
    assert local.places(2) == [{}, {}]


@pytest.mark.parametrize(
    ("cores", "gibibytes", "jobs"), [(2, 23, 2), (16, 8, 4), (1, 64, 1), (4, 1, 1)]
)
def test_without_a_gpu_cells_have_a_core_and_two_gibibytes(cores, gibibytes, jobs):
    assert local.jobs_without_gpu(cores, gibibytes * 2**30) == jobs
