"""The scale-attentional U-Net's inference form against the 9.4M U-Net in plain eager torch.

One CPU core, batch 1, CPU seconds; each figure is of four images in a row, as a folder has them.
Where there is a GPU, also half precision there, replayed from a CUDA graph. Beside the figures:
what torch's profiler says of the network before and after, and multiplications and parameters.

Run `python -m benchmarks.scale_attention` from the repository's root; with `--compiled` also what
`torch.compile` makes of the network (needs a C++ compiler).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.timing import RESULTS, alternate, one_thread, ratios, show, write_results
from core.layers import ConvNormAct, ScaleAttentionalConv
from core.layers.folding import inference_form
from core.networks import UNet

SIZES = ((256, 256), (448, 576))  # the second holds an image of 442x565
IN_A_ROW = 4
OURS = "scale-attentional, inference form"
PEER = "plain, eager"


class Contiguous(nn.Module):
    """A U-Net in torch's default layout, which its own encoder leaves."""

    def __init__(self, network: UNet) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.contiguous_format)

    def forward(self, image: Tensor) -> Tensor:
        """Return the network's logits."""
        x, skips = image, []
        for level in self.network.encoder.levels:
            x = level(functional.max_pool2d(x, 2) if skips else x)
            skips.append(x)
        for level, fine in zip(self.network.decoder, skips[-2::-1], strict=True):
            # Built as written: upsampled, then joined.
            x = level.rise(level.upsample(x))
            x = level.blend(torch.cat([x, fine], dim=1))
        return self.network.head(x)


def unet(block: type[nn.Module]) -> UNet:
    """Return a U-Net with normalisation statistics as training leaves them."""
    network = UNet(block=partial(block, act=nn.ReLU()))
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 2)
            nn.init.normal_(module.weight, 1, 0.5)
    return network.eval()


def networks() -> dict[str, nn.Module]:
    """Return what is compared, by name; the last of each kind are of the same weights."""
    torch.manual_seed(0)
    made: dict[str, nn.Module] = {}
    for kind, block in (("plain", ConvNormAct), ("scale-attentional", ScaleAttentionalConv)):
        eager, rows = unet(block), unet(block)
        rows.load_state_dict(eager.state_dict())
        made[f"{kind}, eager"] = Contiguous(eager)
        made[f"{kind}, channels_last"] = rows
        made[f"{kind}, inference form"] = inference_form(rows)
    if "--compiled" in sys.argv:
        from torch._inductor import config

        config.freezing = True
        rows = made["scale-attentional, channels_last"]
        made["scale-attentional, compiled"] = torch.compile(rows)
        made["scale-attentional, form compiled"] = torch.compile(inference_form(rows))
    return made


def run(network: nn.Module, image: Tensor) -> Callable[[], None]:
    """Return a few evaluations in a row, without gradients."""

    @torch.no_grad()  # the inference mode would keep torch.compile from freezing the weights
    def images() -> None:
        for _ in range(IN_A_ROW):
            network(image)

    return images


def on_cpu(made: dict[str, nn.Module]) -> dict[str, object]:
    """Return milliseconds of an image, and how many times ours, for each size."""
    figures: dict[str, object] = {}
    for height, width in SIZES:
        image = torch.rand(1, 1, height, width)
        calls = {name: run(network, image) for name, network in made.items()}
        rounds = alternate(calls, repeats=5, clock=time.process_time)
        seconds = {name: each / IN_A_ROW for name, each in rounds.items()}
        show(f"one image {height}x{width}, one core, CPU time", seconds, OURS)
        figures[f"{height}x{width}"] = {
            "milliseconds": {name: round(1000 * s, 1) for name, s in seconds.items()},
            "times ours": ratios(seconds, OURS),
        }
    return figures


def on_gpu(made: dict[str, nn.Module]) -> dict[str, float]:
    """Return milliseconds of one image of 448x576 on the GPU, replayed from a CUDA graph."""
    figures = {}
    image = torch.rand(1, 1, *SIZES[1], device="cuda")
    for name in ("plain, channels_last", "scale-attentional, channels_last", OURS):
        for dtype in (torch.float16, torch.bfloat16):
            replay = graph_of(made[name].to("cuda", dtype), image.to(dtype))
            figures[f"{name}, {dtype}"] = gpu_milliseconds(replay)
    for name, milliseconds in figures.items():
        print(f"  {name:<60}{milliseconds:>8.3f} ms")
    return figures


@torch.no_grad()
def graph_of(network: nn.Module, image: Tensor) -> Callable[[], None]:
    """Return what replays one evaluation without a launch for each kernel."""
    side = torch.cuda.Stream()
    with torch.cuda.stream(side):  # first calls choose algorithms, which a graph cannot hold
        for _ in range(3):
            network(image)
    side.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        network(image)
    return graph.replay


def gpu_milliseconds(replay: Callable[[], None], repeats: int = 100) -> float:
    """Return the mean time of a replay between two events."""
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    replay()
    start.record()
    for _ in range(repeats):
        replay()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / repeats


def cost(network: nn.Module, image: Tensor) -> dict[str, float]:
    """Return thousand million multiplications of an image, and parameters."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(image)
    parameters = sum(p.numel() for p in network.parameters())
    return {"GMAC": round(counter.get_total_flops() / 2e9, 3), "parameters": parameters}


def top_operations(network: nn.Module, image: Tensor) -> str:
    """Return the profiler's table of the operations that take longest."""
    run(network, image)()
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        run(network, image)()
    averages = profiler.key_averages()
    return averages.table(sort_by="self_cpu_time_total", row_limit=12, max_name_column_width=40)


def deviation(made: dict[str, nn.Module], image: Tensor) -> float:
    """Return our largest difference from the trained network, in units of the largest logit."""
    with torch.no_grad():
        expected, ours = made["scale-attentional, channels_last"](image), made[OURS](image)
    return float((ours - expected).abs().max() / expected.abs().max())


def main() -> None:
    """Measure, print and write the results."""
    one_thread()
    made, image = networks(), torch.rand(1, 1, *SIZES[0])
    figures: dict[str, object] = {
        "cost of 256x256": {n: cost(m, image) for n, m in made.items() if "compiled" not in n},
        "deviation": deviation(made, image),
        "on one core": on_cpu(made),
    }
    before, after = (top_operations(made[n], image) for n in ("scale-attentional, eager", OURS))
    tables = f"Eager, {IN_A_ROW} images\n{before}\nInference form\n{after}"
    (RESULTS / "scale_attention.txt").write_text(tables, encoding="utf-8")
    if torch.cuda.is_available():
        figures["on the GPU"] = on_gpu(made)
    write_results("scale_attention", figures)


if __name__ == "__main__":
    main()
