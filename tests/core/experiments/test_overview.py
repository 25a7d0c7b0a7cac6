from core.experiments.overview import write_overview


def test_every_experiment_has_a_line_with_its_claims(recorded):
    folders = [recorded("table2", "holds", "within noise"), recorded("fig3", title="Fig. 3: x")]
    page = write_overview("some_paper", "small", folders)
    lines = page.with_suffix(".md").read_text().splitlines()
    assert page.name == "reproduced-small.html"
    line = "| [Table 2](table2-small/table.html) | `make reproduce TABLE=table2` | 3 of 4 runs |"
    assert f"{line} 90 s | claim 0<br>claim 1 | holds<br>within noise |" in lines
    assert any(line.startswith("| [Fig. 3](fig3-small/table.html)") for line in lines)


def test_other_options_have_their_own_list_and_links(recorded):
    folder = recorded("table2")
    folder = folder.rename(folder.with_name("table2-small-12ab"))
    page = write_overview("some_paper", "small", [folder], ["--trainer.max_epochs=1"])
    assert page.name.startswith("reproduced-small-")
    assert "(table2-small-12ab/table.html)" in page.with_suffix(".md").read_text()


def test_verdicts_are_counted_and_runs_that_tables_share_once(recorded):
    folders = [recorded("table2", "holds", "within noise"), recorded("table3", "holds")]
    text = write_overview("some_paper", "small", folders).with_suffix(".md").read_text()
    said = "3 claims: 2 holds, 1 within noise. 5 runs (2 in tables are missing), 2 min of "
    said += "training and tests."
    assert said in text


def test_the_page_says_simulated_and_leads_to_every_table(recorded):
    page = write_overview("some_paper", "small", [recorded("table2", "does not hold")]).read_text()
    assert "<strong>SIMULATED IMAGES</strong>" in page
    assert '<a href="table2-small/table.html">Table 2: Dice</a>' in page
    assert '<span class="chip does-not">does not hold</span>' in page
