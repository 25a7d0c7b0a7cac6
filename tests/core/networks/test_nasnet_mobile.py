"""NASNet-A-Mobile, assembled: names, shapes, wiring and pooling of the public port."""

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch.testing import assert_close

from core.networks import NASNetMobile
from core.networks.nasnet_mobile import HalvingMean

F = 44


def norm(channels):
    vectors = dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (channels,))
    return vectors | {"num_batches_tracked": ()}


def below(**parts):
    return {
        f"{part}.{name}": shape for part, inner in parts.items() for name, shape in inner.items()
    }


def conv(inputs, outputs, side=1):
    return {"weight": (outputs, inputs, side, side)}


def conv_norm(inputs, outputs, side=1):
    return below(conv=conv(inputs, outputs, side), bn=norm(outputs))


def separable(side, inputs, outputs=None):
    """Two separable convolutions; those of the stem change the width in the first."""
    outputs = outputs or inputs

    def one(a, b):
        return below(depthwise_conv2d={"weight": (a, 1, side, side)}, pointwise_conv2d=conv(a, b))

    return below(
        separable_1=one(inputs, outputs),
        bn_sep_1=norm(outputs),
        separable_2=one(outputs, outputs),
        bn_sep_2=norm(outputs),
    )


def branches(width, **sides):
    return below(
        **{f"comb_iter_{name[1:]}": separable(side, width) for name, side in sides.items()}
    )


def halved(inputs, outputs):
    paths = below(
        path_1=below(conv=conv(inputs, outputs)), path_2=below(conv=conv(inputs, outputs))
    )
    return paths | below(final_path_bn=norm(2 * outputs))


def first(left_in, left, right_in, right):
    own = below(conv_1x1=conv_norm(right_in, right)) | halved(left_in, left)
    return own | branches(right, _0_left=5, _0_right=3, _1_left=5, _1_right=3, _4_left=3)


def normal(left_in, left, right_in, right):
    own = below(conv_prev_1x1=conv_norm(left_in, left), conv_1x1=conv_norm(right_in, right))
    return own | branches(left, _0_left=5, _0_right=3, _1_left=5, _1_right=3, _4_left=3)


STRIDED = {"_0_left": 5, "_0_right": 7, "_1_right": 7, "_2_right": 5, "_4_left": 3}


def reduction(left_in, left, right_in, right):
    own = below(conv_prev_1x1=conv_norm(left_in, left), conv_1x1=conv_norm(right_in, right))
    return own | branches(right, **STRIDED)


def stem_0():
    wide = {
        f"comb_iter_{name}": separable(side, 32, 11)
        for name, side in (("0_right", 7), ("1_right", 7), ("2_right", 5))
    }
    return below(conv_1x1=conv_norm(32, 11)) | branches(11, _0_left=5, _4_left=3) | below(**wide)


def stem_1():
    return below(conv_1x1=conv_norm(44, 22)) | halved(32, 11) | branches(22, **STRIDED)


def four(start, first_cell, second, others):
    cells = [first(*first_cell), normal(*second), normal(*others), normal(*others)]
    return below(**{f"cell_{start + number}": cell for number, cell in enumerate(cells)})


def public_shapes(classes=1000):
    """Names and shapes of the public port's state dict, nasnetamobile."""
    return {
        **below(conv0=conv_norm(3, 32, 3), cell_stem_0=stem_0(), cell_stem_1=stem_1()),
        **four(0, (F, F // 2, 2 * F, F), (2 * F, F, 6 * F, F), (6 * F, F, 6 * F, F)),
        **below(reduction_cell_0=reduction(6 * F, 2 * F, 6 * F, 2 * F)),
        **four(
            6,
            (6 * F, F, 8 * F, 2 * F),
            (8 * F, 2 * F, 12 * F, 2 * F),
            (12 * F, 2 * F, 12 * F, 2 * F),
        ),
        **below(reduction_cell_1=reduction(12 * F, 4 * F, 12 * F, 4 * F)),
        **four(
            12,
            (12 * F, 2 * F, 16 * F, 4 * F),
            (16 * F, 4 * F, 24 * F, 4 * F),
            (24 * F, 4 * F, 24 * F, 4 * F),
        ),
        **below(last_linear={"weight": (classes, 1056), "bias": (classes,)}),
    }


def test_the_public_port_s_state_dict_loads_strictly():
    stored = {name: torch.zeros(shape) for name, shape in public_shapes().items()}
    NASNetMobile(classes=1000).body.load_state_dict(stored, strict=True)


def test_the_public_port_s_file_gives_all_but_the_head(tmp_path):
    generator = torch.Generator().manual_seed(1)
    stored = {
        name: torch.rand(shape, generator=generator) for name, shape in public_shapes().items()
    }
    torch.save(stored, tmp_path / "nasnetamobile.pth")
    network = NASNetMobile(classes=8, weights=str(tmp_path / "nasnetamobile.pth"))
    for name, tensor in network.body.state_dict().items():
        if name.startswith("last_linear"):
            assert tensor.shape[0] == 8
        elif not name.endswith("num_batches_tracked"):
            assert torch.equal(tensor, stored[name]), name


def test_parameters_and_statistics_are_as_many_as_in_keras():
    shapes = [tensor.shape for tensor in NASNetMobile(classes=1000).state_dict().values()]
    assert sum(shape.numel() for shape in shapes if shape) == 5_326_716


def of_the_port(body, x):
    """The port's forward pass, written out."""
    conv0 = body.conv0(x)
    stem_0 = body.cell_stem_0(conv0)
    stem_1 = body.cell_stem_1(conv0, stem_0)
    cell_0 = body.cell_0(stem_1, stem_0)
    cell_1 = body.cell_1(cell_0, stem_1)
    cell_2 = body.cell_2(cell_1, cell_0)
    cell_3 = body.cell_3(cell_2, cell_1)
    reduced = body.reduction_cell_0(cell_3, cell_2)
    cell_6 = body.cell_6(reduced, cell_3)
    cell_7 = body.cell_7(cell_6, reduced)
    cell_8 = body.cell_8(cell_7, cell_6)
    cell_9 = body.cell_9(cell_8, cell_7)
    reduced = body.reduction_cell_1(cell_9, cell_8)
    cell_12 = body.cell_12(reduced, cell_9)
    cell_13 = body.cell_13(cell_12, reduced)
    cell_14 = body.cell_14(cell_13, cell_12)
    cell_15 = body.cell_15(cell_14, cell_13)
    return body.last_linear(cell_15.relu().mean((2, 3)))


def test_cells_are_wired_as_in_the_port():
    torch.manual_seed(0)
    network = NASNetMobile().eval()
    image = torch.rand(2, 3, 64, 48)
    assert_close(network(image), of_the_port(network.body, 2 * image - 1))


def test_all_four_halving_means_leave_out_the_border():
    means = [name for name, part in NASNetMobile().named_modules() if isinstance(part, HalvingMean)]
    cells = ("cell_stem_0", "cell_stem_1", "reduction_cell_0", "reduction_cell_1")
    assert means == [f"body.{cell}.comb_iter_2_left" for cell in cells]


@pytest.mark.parametrize("shape", [(7, 9), (8, 6), (7, 6), (1, 2), (2, 3)])
def test_halving_mean_is_that_of_the_pixels_that_are_there(shape):
    image = np.random.default_rng(1).random(shape)
    total = 9 * ndimage.uniform_filter(image, 3, mode="constant")
    count = 9 * ndimage.uniform_filter(np.ones(shape), 3, mode="constant")
    # "same" padding puts the first window's centre on pixel 0 of an odd side, on pixel 1 of an even one.
    at = tuple(slice(1 - side % 2, None, 2) for side in shape)
    got = HalvingMean()(torch.from_numpy(image)[None, None])[0, 0]
    assert_close(got, torch.from_numpy((total / count)[at]))


def test_halving_mean_by_hand():
    image = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])[None, None]
    assert HalvingMean()(image)[0, 0].tolist() == [[3.0, 4.0], [6.0, 7.0]]
