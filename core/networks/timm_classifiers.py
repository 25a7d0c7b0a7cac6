"""The fine-tuned networks of the view thesis that timm has: MobileNet v1, VGG16, InceptionV3."""

from __future__ import annotations

from itertools import pairwise

from torch import nn

from core.networks.classifier import INPUT, Stages
from core.networks.imagenet_classifier import ImageNetClassifier


class TimmClassifier(ImageNetClassifier):
    """The network of timm that `hub_name` names, without the head that it was trained with.

    Args:
        classes: Number of classes.
        dropout: Probability of dropping a feature before the last layer.
        weights: None draws them at random. "timm" takes ImageNet's from the Hugging Face hub or its
            cache. A path gives a file: a state dict of timm's network (.pth, .safetensors), or a
            checkpoint or run folder of the house. The head is left out unless it fits.

    Raises:
        InputError: If the weights cannot be had, or are of another network.
    """

    def __init__(
        self, *, classes: int = 8, dropout: float = 0.0, weights: str | None = None
    ) -> None:
        from timm import create_model  # heavy

        body = create_model(self.hub_name, num_classes=classes, drop_rate=dropout)
        known = body.pretrained_cfg
        super().__init__(body, weights, mean=known["mean"], std=known["std"])


class MobileNetV1(TimmClassifier):
    """MobileNet v1 of width 1; 4,231,976 parameters with 1000 classes.

    timm's weights are of a modern training. Its strided convolutions pad all sides where Keras pads
    right and bottom, and its batch normalisation adds 1e-5 where Keras adds 1e-3.

    Args:
        classes: Number of classes.
        dropout: Probability of dropping a feature before the last layer; Keras's default.
        weights: None, "timm" or a path, see `TimmClassifier`.

    References:
        Howard et al., MobileNets, arXiv:1704.04861, Table 1; the thesis, Table D.1.
    """

    hub_name = "mobilenetv1_100.ra4_e3600_r224_in1k"
    head_names = ("classifier",)

    def __init__(
        self, *, classes: int = 8, dropout: float = 1e-3, weights: str | None = None
    ) -> None:
        super().__init__(classes=classes, dropout=dropout, weights=weights)

    def _body_stages(self) -> Stages:
        blocks = [block for group in self.body.blocks for block in group]
        numbered = {f"conv block {n}": [block] for n, block in enumerate(blocks, 1)}
        return dict(reversed(numbered.items())) | {INPUT: [self.body.conv_stem, self.body.bn1]}


class VGG16(TimmClassifier):
    """VGG16; 138,357,544 parameters with 1000 classes.

    All three fully connected layers are the head: they start anew, as in the thesis, unless the
    weights are of as many classes. Dropout is before both of the last two; Keras has none.

    References:
        Simonyan and Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition,
        ICLR 2015, Table 1 D; the thesis, Table D.2.
    """

    hub_name = "vgg16.tv_in1k"
    head_names = ("pre_logits", "head")

    def _body_stages(self) -> Stages:
        layers = list(self.body.features)
        pools = [n for n, layer in enumerate(layers, 1) if isinstance(layer, nn.MaxPool2d)]
        first, *others = [layers[start:end] for start, end in pairwise([0, *pools])]
        numbered = {f"conv block {n}": block for n, block in enumerate(others, 2)}
        return dict(reversed(numbered.items())) | {INPUT: first}


class InceptionV3(TimmClassifier):
    """InceptionV3 without the auxiliary head; 23,834,568 parameters with 1000 classes.

    Images have 75 pixels or more a side. The stages are Keras's mixed10 to mixed0.

    References:
        Szegedy et al., Rethinking the Inception Architecture for Computer Vision, CVPR 2016,
        Table 1.
    """

    hub_name = "inception_v3.tf_in1k"
    head_names = ("fc",)
    least = 75

    def _body_stages(self) -> Stages:
        parts = dict(self.body.named_children())
        mixed = [part for name, part in parts.items() if name.startswith("Mixed")]
        numbered = {f"mixed {n}": [part] for n, part in enumerate(mixed)}
        stem = [part for name, part in parts.items() if name.startswith("Conv2d")]
        return dict(reversed(numbered.items())) | {INPUT: stem}
