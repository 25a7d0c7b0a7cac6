"""Trains on some processes, as `python -m tests.core.tasks.train_spines FOLDER PROCESSES BATCH`.

Every process leaves its weights in FOLDER. The segmenter is left out: its batch norm would see
other batches on other numbers of processes.
"""

import sys
from pathlib import Path

import torch

from tests.core.tasks.spines import copied, task, train


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.1)


def without_segmenter():
    ours = task(segmentation=0.0)
    ours.make_optimizer = ours.make_discriminator_optimizer = sgd
    return ours


if __name__ == "__main__":
    folder, processes, batch = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    strategy = {"devices": processes, "strategy": "ddp"} if processes > 1 else {}
    trainer = train(folder, without_segmenter, batch_size=batch, trainer=strategy)
    ours = trainer.lightning_module
    weights = copied(ours.network.denoiser) | copied(ours.adversary)
    torch.save(weights, folder / f"weights-{trainer.global_rank}.pt")
