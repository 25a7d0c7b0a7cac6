"""Where a training ended, compared bit for bit."""

import torch


def end_of(folder):
    """Everything that must be the same: weights, optimiser, scheduler, best score, random streams, step."""
    content = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)
    best = next(state for name, state in content["callbacks"].items() if "BestCheckpoint" in name)
    streams = next(state for name, state in content["callbacks"].items() if "ExactResume" in name)[
        "ranks"
    ]
    return {
        "weights": content["state_dict"],
        "optimizer": content["optimizer_states"],
        "scheduler": content["lr_schedulers"],
        "score": best["best_model_score"],
        "streams": streams,
        "step": content["global_step"],
    }


def same(a, b):
    """Whether two nested values are equal in every bit."""
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b
