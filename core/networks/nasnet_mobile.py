"""NASNet-A (4 @ 1056), the mobile one: timm has its cells, but not the network."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from core.layers.dropout import Dropout
from core.networks.classifier import INPUT, Stages
from core.networks.imagenet_classifier import ImageNetClassifier

WIDTH = 44  # channels of the first cells: 1056 / 24
STACKS = (range(4), range(6, 10), range(12, 16))
"""Numbers of the normal cells, those of the large network with the last two of each left out."""


class NASNetMobile(ImageNetClassifier):
    """NASNet-A-Mobile; 5,289,978 parameters with 1000 classes.

    Args:
        classes: Number of classes.
        dropout: Probability of dropping a feature before the last layer.
        weights: None draws them at random. A path gives a file: the state dict of the public
            PyTorch port (nasnetamobile), or a checkpoint or run folder of the house. The head is
            left out unless it fits.

    Raises:
        InputError: If the file is missing, damaged, or of another network.

    References:
        Zoph et al., Learning Transferable Architectures for Scalable Image Recognition, CVPR 2018,
        Appendix A; the names of the parts are those of Cadene's pretrained-models.pytorch.
    """

    head_names = ("last_linear",)

    def __init__(
        self, *, classes: int = 8, dropout: float = 0.0, weights: str | None = None
    ) -> None:
        body = NASNet(classes=classes, dropout=dropout)
        super().__init__(body, weights, mean=[0.5] * 3, std=[0.5] * 3)

    def _body_stages(self) -> Stages:
        names = [name for name, _ in self.body.named_children() if "cell" in name]
        cells: Stages = {name.replace("_", " "): [getattr(self.body, name)] for name in names}
        return dict(reversed(cells.items())) | {INPUT: [self.body.conv0]}


class NASNet(nn.Module):
    """The network itself, with the methods of a timm model that a classifier needs.

    Args:
        classes: Number of classes.
        dropout: Probability of dropping a feature before the last layer.
    """

    def __init__(self, *, classes: int, dropout: float) -> None:
        from timm.layers import ConvNormAct  # heavy
        from timm.models.nasnet import CellStem0, CellStem1, ReductionCell0, ReductionCell1

        super().__init__()
        same = {"pad_type": "same"}
        norm = {"eps": 1e-3, "momentum": 0.1}
        self.conv0 = ConvNormAct(3, 32, 3, stride=2, padding=0, apply_act=False, norm_kwargs=norm)
        self.cell_stem_0 = CellStem0(32, WIDTH // 4, **same)
        self.cell_stem_1 = CellStem1(32, WIDTH // 2, **same)
        self._add_stack(STACKS[0], WIDTH, older=WIDTH, newer=2 * WIDTH)
        sides = (6 * WIDTH, 2 * WIDTH)
        self.reduction_cell_0 = ReductionCell0(*sides, *sides, **same)
        self._add_stack(STACKS[1], 2 * WIDTH, older=6 * WIDTH, newer=8 * WIDTH)
        sides = (12 * WIDTH, 4 * WIDTH)
        self.reduction_cell_1 = ReductionCell1(*sides, *sides, **same)
        self._add_stack(STACKS[2], 4 * WIDTH, older=12 * WIDTH, newer=16 * WIDTH)
        for name in ("cell_stem_0", "cell_stem_1", "reduction_cell_0", "reduction_cell_1"):
            self.get_submodule(name).comb_iter_2_left = HalvingMean()
        self.dropout = Dropout(p=dropout)
        self.last_linear = nn.Linear(24 * WIDTH, classes)

    def _add_stack(self, numbers: range, width: int, *, older: int, newer: int) -> None:
        """Add four cells of this width; the first sees a map of twice the others' size as well."""
        from timm.models.nasnet import FirstCell, NormalCell

        wide = 6 * width
        cells = [FirstCell(older, width // 2, newer, width, pad_type="same")]
        for left, right in ((newer, wide), (wide, wide), (wide, wide)):
            cells.append(NormalCell(left, width, right, width, pad_type="same"))
        for number, cell in zip(numbers, cells, strict=True):
            self.add_module(f"cell_{number}", cell)

    def forward_features(self, x: Tensor) -> Tensor:
        """Return the last cell's maps (B,1056,h/32,w/32), rectified, of preprocessed images.

        Every cell sees the two before it; in the large network the reduction cells are passed over.
        """
        x = self.conv0(x)
        older: Tensor = self.cell_stem_0(x)
        newer: Tensor = self.cell_stem_1(x, older)
        for name, cell in self.named_children():
            if "cell" in name and "stem" not in name:
                older, newer = newer, cell(newer, older)
        return functional.relu(newer)

    def forward_head(self, x: Tensor, pre_logits: bool = False) -> Tensor:
        """Return logits (B,classes) of the last maps, or what the last layer sees (B,1056)."""
        x = self.dropout(x.mean((2, 3)))
        return x if pre_logits else self.last_linear(x)

    def get_classifier(self) -> nn.Module:
        """Return the last layer."""
        return self.last_linear


class HalvingMean(nn.Module):
    """Mean over 3x3 pixels at every second one, those beyond the border not counted.

    The output has half the size, rounded up; the padding that this takes is TensorFlow's "same":
    one pixel on both ends of an odd side, and one behind an even one. timm's own pooling counts
    zeros there, which changes the logits by about 0.4 % of their scale.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the means (B,C,ceil(h/2),ceil(w/2))."""
        odd = (x.shape[2] % 2, x.shape[3] % 2)
        return functional.avg_pool2d(x, 3, 2, odd, ceil_mode=True, count_include_pad=False)
