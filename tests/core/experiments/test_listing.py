import pytest

from core.experiments.listing import BEGIN, END, main


@pytest.fixture
def said(cwd, capsys):
    """Run the command in the folder that has runs/; returns its code and what it said."""

    def run(*words):
        code = main([str(word) for word in words])
        done = capsys.readouterr()
        return code, done.out, done.err

    return run


def test_an_experiment_is_said_once_and_has_a_row_a_claim(recorded, said):
    recorded("table2", "holds", "within noise")
    recorded("table3", title="Fig. 3: x")
    code, out, _ = said()
    rows = [line for line in out.splitlines() if line.startswith("|")]
    assert code == 0
    assert rows == [
        "| In the paper | Command | Claim | Our runs say |",
        "| --- | --- | --- | --- |",
        "| Table 2 | `make reproduce TABLE=table2` | claim 0 | holds |",
        "|  |  | claim 1 | within noise |",
        "| Fig. 3 | `make reproduce TABLE=table3` | (no claim to test) | - |",
    ]


def test_a_projects_part_says_how_many_and_how_long(recorded, said):
    recorded("table2", "holds", "within noise")
    text = said()[1]
    head = "<summary><b>some_paper</b>: 1 experiment. 2 claims: 1 holds, 1 within noise. 3 runs"
    assert head in text
    assert "of training and tests. SIMULATED IMAGES</summary>" in text


def test_the_list_takes_the_former_ones_place_in_a_text(recorded, said, cwd):
    recorded("table2", "holds")
    text = cwd / "README.md"
    text.write_text(f"before\n{BEGIN}\nformer\n{END}after\n")
    assert said("--into", text)[0] == 0
    once = text.read_text()
    assert once.startswith(f"before\n{BEGIN}\n<details>")
    assert once.endswith(f"</details>\n\n{END}after\n")
    assert "former" not in once
    assert said("--into", text)[0] == 0
    assert text.read_text() == once


def test_a_text_without_a_place_for_it_stays_as_it_is(recorded, said, cwd):
    recorded("table2", "holds")
    text = cwd / "README.md"
    text.write_text("no marks\n")
    code, _, err = said("--into", text)
    assert code == 2
    assert err.startswith("error: README.md: expected the lines <!-- experiments")
    assert text.read_text() == "no marks\n"


def test_nothing_reproduced_is_one_line(said):
    code, _, err = said("--size", "paper")
    assert code == 2
    assert "expected a table of size 'paper'" in err


def test_figures_stand_in_the_order_that_readers_count_in(recorded, said):
    for number in (12, 2, 1):
        recorded(f"fig4_{number}", title=f"Fig. 4.{number}: x")
    rows = [line.split(" | ")[0] for line in said()[1].splitlines() if "make reproduce" in line]
    assert rows == ["| Fig. 4.1", "| Fig. 4.2", "| Fig. 4.12"]
