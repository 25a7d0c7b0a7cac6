import re

import pandas as pd
import pytest

from core.experiments import read_experiment
from core.experiments.page import write_table
from core.experiments.record import read_record
from core.experiments.spec import Done

NOISE = "model.network.act.noise"
PEOPLE = [f"s{number}" for number in range(8)]
CLAIM = {
    "says": "Noise gives a <higher> Dice",
    "where": "Section 4.2",
    "metric": "test/dice",
    "higher": {NOISE: 0.1},
    "than": {NOISE: 0.0},
}


@pytest.fixture
def written(project, table, write_images, tmp_path):
    """Write a table of runs with images; returns its folder."""

    def write(*, simulated=lambda _: True, failed=(), size="paper", **keys):
        experiment = read_experiment(project, table(**{"claims": [CLAIM], **keys}))
        done = []
        for number, cell in enumerate(experiment.cells(experiment.sizes[size])):
            base = 0.5 + 0.2 * (cell.row[NOISE] > 0) + 0.01 * (number % 3)
            dice = [base + 0.01 * place for place in range(8)]
            if number not in failed:
                kind = {"simulated": simulated(cell)}
                run = write_images(tmp_path / f"run{number}", dice, PEOPLE, **kind)
                done.append(Done(row=cell.row, repeat=cell.repeat, run=run))
        folder = tmp_path / f"table9-{size}"
        return write_table(experiment, done, folder, project="some_paper", size=size)

    return write


def text(folder, name="table.md"):
    return (folder / name).read_text()


def test_ours_stands_beside_the_papers(written):
    row = next(line for line in text(written()).splitlines() if line.startswith("| 0.0 |"))
    assert re.match(r"\| 0.0 \| 54.5 ± 1.0 \[\S+, \S+\] p = 0.0\d+ \| 52.4 \| - \| - \| 3 ", row)


def test_heading_names_rows_columns_and_that_ours_is_simulated(written):
    lines = text(written()).splitlines()
    assert lines[0] == "# Table 9: Dice of two units at two noise levels"
    assert any(
        line.startswith("|  | Dice (%) ours, SIMULATED | Dice (%) paper |") for line in lines
    )
    assert any(line.startswith("**SIMULATED IMAGES: Ours shows") for line in lines)


def test_real_images_need_no_warning(written):
    folder = written(simulated=lambda _: False)
    assert not any("SIMULATED" in text(folder, name) for name in ("table.md", "table.html"))


def test_images_that_nobody_knows_of_are_not_taken_for_real(written):
    assert "PERHAPS SIMULATED IMAGES" in text(written(simulated=lambda _: None))


def test_a_claim_of_so_many_times_shows_the_ratio(written):
    claim = {"says": "twice", "where": "Section 4.2", "metric": "test/dice", "times": 2}
    sides = {"higher": {NOISE: 0.1}, "than": {NOISE: 0.0}}
    page = text(written(claims=[claim | sides]), "table.html")
    assert "Ratio" in page
    assert "Difference (95 % interval)" not in page


def test_a_table_of_both_says_of_each_row_which(written):
    folder = written(simulated=lambda cell: cell.row[NOISE] > 0)
    assert "PARTLY SIMULATED IMAGES" in text(folder)
    assert "- 0.0: real\n- 0.1: SIMULATED\n" in text(folder)
    assert pd.read_csv(folder / "table.csv")["data"].tolist() == ["real", "SIMULATED"]


def test_missing_runs_and_rows_are_named(written):
    assert "- 0.0: 2 of 3 runs failed" in text(written(failed=[0, 1]))


def test_rows_that_failed_altogether_keep_the_papers_number(written):
    found = text(written(failed=[0, 1, 2]))
    assert "| 0.0 | - | 52.4 | - | - | - | - | - |" in found
    assert "- 0.0: failed: none of 3 runs is there" in found


def test_rows_of_another_size_are_said_to_be(written):
    sizes = {"small": {"rows": {NOISE: [0.1]}}}
    assert "- 0.0: not in this size" in text(written(size="small", sizes=sizes))


def test_no_run_at_all_is_no_error(written):
    folder = written(failed=range(6))
    assert "cannot be tested with this data" in text(folder)
    assert not list(folder.glob("*.png"))


def test_a_misprint_is_marked_with_what_it_must_be(written):
    column = {"name": "Dice (%)", "scale": 100, "paper": [52.4, 61.8], "misprints": {"0.1": 68.1}}
    found = text(written(columns={"test/dice": column}))
    assert "| 61.8 [68.1] |" in found
    assert "[In brackets] behind the paper's" in found


def test_programs_get_all_that_is_known(written):
    frame = pd.read_csv(written() / "table.csv")
    parts = ("mean", "sd", "low", "high", "runs", "images", "subjects", "best", "p", "paper")
    assert {f"Dice (%) {part}" for part in parts} <= {*frame}
    assert frame["Dice (%) runs"].tolist() == [3, 3]
    assert frame["Dice (%) paper"].tolist() == [52.4, 61.8]
    assert frame["Dice (%) p"].isna().tolist() == [False, True]


def test_claims_have_a_verdict_and_a_sentence(written):
    folder = written()
    assert "| Noise gives a <higher> Dice | Section 4.2 | holds |" in text(folder)
    page = text(folder, "table.html")
    assert '<span class="chip holds">holds</span>' in page
    assert "Noise gives a &lt;higher&gt; Dice" in page


def test_the_page_carries_its_figure_and_leads_to_the_runs(written):
    folder = written()
    page = text(folder, "table.html")
    assert page.count("data:image/png;base64,") == 1
    links = re.findall(r'href="([^"]+report.html)"', page)
    assert len(links) == 6
    assert all((folder / link).parent.is_dir() for link in links)
    assert "make reproduce PROJECT=some_paper TABLE=table9 SIZE=paper" in page


@pytest.mark.parametrize(
    ("paper", "heading"), [({}, "Our runs"), ({"paper": [52.4, 61.8]}, "Beside the paper")]
)
def test_a_table_stands_beside_the_paper_only_where_that_gives_numbers(written, paper, heading):
    folder = written(columns={"test/dice": {"name": "Dice (%)", "scale": 100, **paper}})
    assert f"<h2>{heading}</h2>" in text(folder, "table.html")


def test_the_table_scrolls_in_a_box_of_its_own(written):
    page = text(written(), "table.html")
    assert re.search(r'<div class="scroll wide"[^>]*>\s*<table class="results">', page)


def test_the_list_of_all_tables_finds_what_it_needs(written):
    record = read_record(written(failed=[0]))
    assert (len(record["runs"]), record["expected"], record["size"]) == (5, 6, "paper")
    assert [claim["verdict"] for claim in record["claims"]] == ["holds"]
