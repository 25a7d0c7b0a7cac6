from pathlib import Path

import pytest

from core.checks import InputError
from core.dashboards.board import read_board

PROJECTS = Path(__file__).parents[3] / "projects"


@pytest.fixture
def project(tmp_path):
    """A folder to put experiments into."""
    (tmp_path / "paper" / "experiments").mkdir(parents=True)

    def write(**files):
        for name, text in files.items():
            (tmp_path / "paper" / "experiments" / f"{name}.yaml").write_text(text)
        return read_board(tmp_path / "paper")

    return write


def test_headline_first_then_what_most_tables_measure(project):
    board = project(
        a="columns: {test/iou: {}, parameters: {}}",
        b="columns: {test/recall: {}, test/iou: {}, test/dice: {}}",
    )
    assert board.headline == "test/dice"
    assert board.metrics == ("test/dice", "test/iou", "test/recall")


def test_curves_are_the_losses_the_headline_and_what_figures_draw(project):
    board = project(
        a="columns: {test/accuracy: {}}",
        b="{over: a, figure: {kind: curves, metric: val/auc, beside: train/accuracy}}",
        c="{over: a, figure: {kind: roc, metric: test/auc}}",
    )
    assert board.curves == ("val/accuracy", "train/loss", "val/loss", "val/auc", "train/accuracy")


def test_a_folder_without_experiments_is_refused(tmp_path):
    with pytest.raises(InputError, match="expected a project whose experiments"):
        read_board(tmp_path)


@pytest.mark.parametrize("project", sorted(p.parent.name for p in PROJECTS.glob("*/config.yaml")))
def test_every_project_has_a_dashboard(project):
    board = read_board(PROJECTS / project)
    assert board.headline == ("test/accuracy" if project == "echo_views" else "test/dice")
    assert 1 < len(board.metrics) <= 8
