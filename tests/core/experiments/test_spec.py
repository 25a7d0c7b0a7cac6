from pathlib import Path

import pytest
import yaml

from core.checks import InputError
from core.experiments import read_experiment, reference
from core.experiments.spec import Column

SIGMOID = "core.layers.NoisyHardSigmoid"
NOISE = "model.network.act.noise"


def test_every_row_is_run_for_every_repeat(project, table):
    experiment = read_experiment(project, table())
    cells = experiment.cells(experiment.sizes["paper"])
    assert [(cell.row[NOISE], cell.values["data.split.fold"]) for cell in cells] == [
        (noise, fold) for noise in (0.0, 0.1) for fold in (0, 1, 2)
    ]


@pytest.mark.parametrize(
    ("column", "decimals"),
    [
        ({"metric": "test/dice", "name": "Dice", "paper": (0.5, None, 0.61)}, 2),
        ({"metric": "test/dice", "name": "Dice (%)", "scale": 100}, 1),
        ({"metric": "test/hd_px", "name": "HD (px)"}, 1),
        ({"metric": "test/dice", "name": "Dice"}, 3),
        ({"metric": "parameters", "name": "Parameters (K)", "paper": (9.4,)}, 0),
    ],
)
def test_a_column_has_as_many_decimals_as_the_paper_prints_or_its_unit_needs(column, decimals):
    assert Column(**column).decimals == decimals


def test_a_size_may_run_fewer_repeats_and_sets_values(project, table):
    experiment = read_experiment(project, table())
    cells = experiment.cells(experiment.sizes["small"])
    assert [cell.values for cell in cells] == [
        {"model.network.act": SIGMOID, NOISE: noise, "data.split.fold": 0, "trainer.max_epochs": 2}
        for noise in (0.0, 0.1)
    ]


def test_rows_of_several_keys_are_all_combinations(project, table):
    rows = {"model.network.act": ["A", "B"], NOISE: [0.0, 0.1]}
    experiment = read_experiment(project, table(where={}, rows=rows, repeats={}))
    rows = [tuple(cell.row.values()) for cell in experiment.cells(experiment.sizes["paper"])]
    assert rows == [
        ("A", 0.0),
        ("A", 0.1),
        ("B", 0.0),
        ("B", 0.1),
    ]


@pytest.mark.parametrize(("noise", "dice", "distance"), [(0.0, 52.4, None), (0.1, 61.8, 7.5)])
def test_each_row_has_the_papers_own_number(project, table, noise, dice, distance):
    experiment = read_experiment(project, table())
    found = [experiment.paper_value(column, {NOISE: noise}) for column in experiment.columns]
    assert found == [dice, distance]


def test_a_size_with_fewer_rows_keeps_each_rows_number(project, table):
    sizes = {"small": {"rows": {NOISE: [0.1]}}}
    experiment = read_experiment(project, table(sizes=sizes, repeats={}))
    (cell,) = experiment.cells(experiment.sizes["small"])
    assert experiment.paper_value(experiment.columns[0], cell.row) == 61.8


def test_a_row_that_the_paper_does_not_have_has_no_number(project, table):
    experiment = read_experiment(project, table())
    assert experiment.paper_value(experiment.columns[0], {NOISE: 0.07}) is None


def test_an_unknown_table_names_the_nearest(project, table):
    table()
    with pytest.raises(InputError, match="--table: expected one of table9, did you mean 'table9'"):
        read_experiment(project, "tabel9")


@pytest.mark.parametrize(
    "keys",
    [{"rwos": {}}, {"columns": {"test/dice": {"nam": "x"}}}, {"sizes": {"small": {"configs": []}}}],
)
def test_a_misspelt_key_names_file_and_key(project, table, keys):
    (wrong,) = [*keys] if "rwos" in keys else [*next(iter(next(iter(keys.values())).values()))]
    with pytest.raises(InputError, match=f"table9.yaml: expected the keys .*'{wrong}'"):
        read_experiment(project, table(**keys))


def test_a_file_without_columns_is_refused(project):
    (project / "experiments" / "x.yaml").write_text("title: x\n")
    with pytest.raises(
        InputError, match="x.yaml: expected the keys of an experiment, got 'columns'"
    ):
        read_experiment(project, "x")


def test_a_config_of_a_table_gets_its_rows_numbers(project, table):
    table()
    config = {"model.network.act": SIGMOID, NOISE: 0.1, "trainer.max_epochs": 50}
    found = reference(project, config)
    assert [(row["metric"], row["label"], row["scale"], row["paper"]) for row in found] == [
        ("test/dice", "Dice (%)", 100, 61.8),
        ("test/hd_px", "HD (px)", 1.0, 7.5),
    ]
    assert {row["table"] for row in found} == {"Table 9"}


def test_numbers_that_the_paper_leaves_out_are_left_out(project, table):
    table()
    found = reference(project, {"model.network.act": SIGMOID, NOISE: 0.0})
    assert [row["paper"] for row in found] == [52.4]


def test_a_row_of_two_tables_gets_the_numbers_of_both(project, table):
    table()
    table("table8", title="Table 8")
    found = reference(project, {"model.network.act": SIGMOID, NOISE: 0.0})
    assert [row["table"] for row in found] == ["Table 8", "Table 9"]


@pytest.mark.parametrize(
    "config",
    [
        {"model.network.act": "torch.nn.ELU"},
        {"model.network.act": SIGMOID, NOISE: 0.07},
        {"model.network.act": "core.layers.NoisyReLU", NOISE: 0.1},
    ],
)
def test_a_config_that_is_in_no_table_gets_no_numbers(project, table, config):
    table()
    assert reference(project, config) == []


ARCHITECTURES = {
    "architecture": {
        "U-Net": {"config": "unet"},
        "Small": {"model.network": "core.networks.UNet", "model.network.depth": 2},
    },
    NOISE: [0.0, 0.1],
}


@pytest.fixture
def labelled(project, table):
    """A table whose rows are labelled sets of values, one of them an overlay."""
    overlay = (
        "model: {init_args: {network: {class_path: core.networks.Other, init_args: {depth: 5}}}}"
    )
    (project / "configs" / "unet.yaml").write_text(f"# an overlay\n{overlay}\n")
    dice = {"test/dice": {"name": "Dice", "paper": [1, 2, 3, 4]}}
    table(where={}, rows=ARCHITECTURES, repeats={}, columns=dice)
    return read_experiment(project, "table9")


def test_a_labelled_row_stands_for_its_values_and_overlay(labelled):
    cells = labelled.cells(labelled.sizes["paper"])
    assert [cell.row["architecture"] for cell in cells] == ["U-Net", "U-Net", "Small", "Small"]
    assert cells[0].config == ["paper", "folds", "unet"]
    assert cells[0].values == {NOISE: 0.0}
    assert cells[3].config == ["paper", "folds"]
    small = {"model.network": "core.networks.UNet", "model.network.depth": 2}
    assert cells[3].values == {**small, NOISE: 0.1}


@pytest.mark.parametrize(
    ("network", "depth", "papers"),
    [
        ("core.networks.Other", 5, [2]),
        ("core.networks.Other", 3, [2]),
        ("core.networks.UNet", 2, [4]),
        ("core.networks.UNet", 3, []),
    ],
)
def test_a_labelled_row_is_found_by_its_values_and_its_overlays_classes(
    project, labelled, network, depth, papers
):
    flat = {"model.network": network, "model.network.depth": depth, NOISE: 0.1}
    assert [row["paper"] for row in reference(project, flat)] == papers


def test_a_misprint_of_a_row_that_is_not_there_is_refused(project, table):
    column = {"name": "Dice", "paper": [1.0, 2.0], "misprints": {"0.3": 1.5}}
    name = table(columns={"test/dice": column})
    with pytest.raises(InputError, match="misprints: expected labels of rows, got 0.3"):
        read_experiment(project, name)


WEIGHTS = "model.network.weights"
BEGUN = {"start": {"Fresh": {WEIGHTS: None}, "Begun": {WEIGHTS: "{first}"}}}
RESTORE = {"config": "folds", "values": {"trainer.max_epochs": 9, "seed_everything": 1}}


@pytest.fixture
def begun(table):
    """Write a table of which one row begins from another run."""
    column = {"test/dice": {"name": "Dice", "paper": [1, 2]}}

    def write(**keys):
        return table(
            **{"where": {}, "rows": BEGUN, "columns": column, "first": RESTORE, "repeats": {}}
            | keys
        )

    return write


def test_the_first_run_lies_over_the_size_s_overlays(project, begun):
    sizes = {"paper": {"config": ["paper"], "values": {"trainer.max_epochs": 2}}}
    experiment = read_experiment(project, begun(sizes=sizes))
    first = experiment.first_of(experiment.sizes["paper"])
    assert first.config == ["paper", "folds"]
    assert first.values == RESTORE["values"]


def test_a_size_may_change_the_first_run_s_values(project, begun):
    sizes = {"small": {"first_values": {"trainer.max_epochs": 3}}}
    experiment = read_experiment(project, begun(sizes=sizes))
    first = experiment.first_of(experiment.sizes["small"])
    assert first.values == {"trainer.max_epochs": 3, "seed_everything": 1}


def test_the_first_run_may_have_several_overlays_or_none(project, begun):
    for config, expected in ((["paper", "folds"], ["paper", "folds"]), ([], [])):
        first = {"config": config, "values": {}}
        experiment = read_experiment(project, begun(first=first, sizes={"small": {}}))
        assert experiment.first_of(experiment.sizes["small"]).config == expected


def test_without_a_first_run_there_is_none(project, table):
    experiment = read_experiment(project, table())
    assert experiment.first_of(experiment.sizes["small"]) is None


def test_a_cell_begins_from_the_checkpoint_where_it_says_so(project, begun):
    experiment = read_experiment(project, begun())
    cells = experiment.cells(experiment.sizes["paper"])
    fresh, started = (cell.begun_from(Path("runs/x/best.ckpt")).values for cell in cells)
    assert fresh == {WEIGHTS: None}
    assert started == {WEIGHTS: "runs/x/best.ckpt"}


@pytest.mark.parametrize(("weights", "paper"), [(None, 1), ("runs/p/cell-1/best.ckpt", 2)])
def test_a_config_begun_from_some_run_is_found_in_its_row(project, begun, weights, paper):
    begun()
    assert [row["paper"] for row in reference(project, {WEIGHTS: weights})] == [paper]


@pytest.mark.parametrize("keys", [{"first": None}, {"rows": {NOISE: [0, 1]}}])
def test_a_first_run_and_its_use_belong_together(project, begun, keys):
    with pytest.raises(InputError, match=r"table9.yaml: first: expected a run, and \{first\} as"):
        read_experiment(project, begun(**keys))


@pytest.mark.parametrize("first", [{"configs": "folds"}, {"row": {}}])
def test_a_misspelt_key_of_the_first_run_is_named(project, begun, first):
    with pytest.raises(InputError, match=f"table9.yaml: expected the keys .*'{next(iter(first))}'"):
        read_experiment(project, begun(first=first))


def test_panels_of_rows_that_are_not_there_are_refused(project, table):
    figure = {"kind": "curves", "panels": {"a": ["0.1", "0.3"]}}
    with pytest.raises(InputError, match="panels: expected labels of rows, got 0.3"):
        read_experiment(project, table(figure=figure))


def test_panels_may_hold_rows_that_only_a_size_has(project, table):
    figure = {"kind": "curves", "panels": {"a": ["0.3"]}}
    sizes = {"small": {"rows": {NOISE: [0.3]}}}
    assert read_experiment(project, table(sizes=sizes, figure=figure)).figure == figure


def over(project, name="fig9", **keys):
    """Write an experiment that lies over the table."""
    content = {"over": "table9", "title": "Fig. 9", **keys}
    (project / "experiments" / f"{name}.yaml").write_text(yaml.safe_dump(content))
    return read_experiment(project, name)


def test_an_experiment_takes_over_what_it_does_not_say_itself(project, table):
    below = read_experiment(project, table())
    above = over(project, columns={"test/dice": {"name": "Dice"}})
    assert (above.name, above.title, above.rows) == ("fig9", "Fig. 9", below.rows)
    assert [column.name for column in above.columns] == ["Dice"]
    small = "small"
    assert above.cells(above.sizes[small]) == below.cells(below.sizes[small])


def test_claims_stay_with_the_experiment_that_makes_them(project, table):
    claim = {"says": "It helps", "where": "Table 9", "metric": "test/dice"}
    sides = {"higher": {NOISE: 0.1}, "than": {NOISE: 0.0}}
    assert read_experiment(project, table(claims=[claim | sides])).claims
    assert over(project).claims == ()


def test_numbers_of_a_paper_stand_for_a_run_once(project, table):
    table()
    config = {"model.network.act": "core.layers.NoisyHardSigmoid", NOISE: 0.1}
    before = reference(project, config)
    over(project)
    assert reference(project, config) == before != []


def test_each_cell_knows_its_repetition(project, table):
    experiment = read_experiment(project, table())
    repeats = [cell.repeat for cell in experiment.cells(experiment.sizes["paper"])]
    assert repeats == [{"data.split.fold": fold} for fold in (0, 1, 2)] * 2
