"""What is told while a matrix runs."""

import json
from pathlib import Path

import pytest

from core.experiments.launch.progress import Progress, lasting
from core.experiments.launch.task import Ended, Task, is_done


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (41, "41 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (9000, "2 h")],
)
def test_durations_are_told_in_the_largest_fitting_unit(seconds, words):
    assert lasting(seconds) == words


def ended(run_dir, seconds, code=0, done=True, log=""):
    run_dir.mkdir()
    (run_dir / "log.txt").write_text(log)
    if done:
        (run_dir / "summary.json").write_text('{"metrics": {"test/dice": 0.5}}')
        (run_dir / "report.html").touch()
    task = Task(project="some", name=f"noise={run_dir.name}", words=[], run_dir=run_dir)
    return Ended(task=task, code=code, seconds=seconds)


def test_time_left_is_that_of_the_cells_before_shared_by_the_jobs(tmp_path, capsys):
    progress = Progress(14, before=2, jobs=2)
    progress.tell(ended(tmp_path / "0.0", 60))
    progress.tell(ended(tmp_path / "0.1", 80))
    assert capsys.readouterr().out.splitlines() == [
        "[3/14] done in 60 s, about 6 min left: noise=0.0",  # 60 s * 11 / 2
        "[4/14] done in 80 s, about 6 min left: noise=0.1",  # 70 s * 10 / 2
    ]


@pytest.mark.parametrize(
    ("code", "log", "why"),
    [
        (1, "loading\nerror: disk full\n\n", "error: disk full"),
        (-9, "step 3\n", "killed by signal 9; step 3"),
        (0, "", "no output"),
    ],
)
def test_a_failure_is_told_by_the_last_line_of_its_log(tmp_path, capsys, code, log, why):
    end = ended(tmp_path / "a", 1, code=code, done=False, log=log)
    Progress(1, before=0, jobs=1).tell(end)
    told = f"failed: noise=a: {why} (see {tmp_path}/a/log.txt)\n"
    assert capsys.readouterr().out == told


def test_what_kept_a_cell_from_running_is_told(tmp_path, capsys):
    task = Task(project="some", name="a", words=[], run_dir=Path(tmp_path / "a"))
    Progress(1, before=0, jobs=1).tell(Ended(task=task, code=1, seconds=0, error="Ray: no node"))
    assert "failed: a: Ray: no node" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("summary", "report", "done"),
    [
        (None, True, False),
        ({}, True, False),
        ({"metrics": None}, True, False),
        ({"metrics": {"test/ssim": None}}, True, False),
        ({"metrics": {"val/dice": 0.5}}, True, False),
        ({"metrics": {"test/hd_px": None, "test/ssim": 0.0}}, True, True),
        ({"metrics": {"test/dice": 0.5}}, False, False),
    ],
)
def test_a_run_is_done_when_it_was_tested_and_has_its_report(tmp_path, summary, report, done):
    if summary is not None:
        (tmp_path / "summary.json").write_text(json.dumps(summary))
    if report:
        (tmp_path / "report.html").touch()
    assert is_done(tmp_path) is done
