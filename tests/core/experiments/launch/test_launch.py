"""Launching on this machine, with runs that do nothing."""

import os
import re
import signal
from pathlib import Path

import pytest

from core.cli.launched import launch as distributed
from core.experiments.launch import launch
from core.experiments.launch.client import _environment
from core.experiments.launch.task import LOG
from tests.core.experiments.launch.conftest import PRELOAD, is_alive, until


@pytest.fixture
def start(place, monkeypatch):
    """Launch in this process, on four cores; all such tests share a server."""
    monkeypatch.setattr("core.experiments.launch.local.cores", lambda: 4)
    return lambda *tasks, jobs=2: launch(tasks, jobs=jobs, preload=PRELOAD)


def test_runs_leave_what_they_leave(task, start):
    first, second = task("cell-a"), task("cell-b")
    assert start(first, second) == []
    assert (first.run_dir / "report.html").is_file()
    assert (second.run_dir / "report.html").is_file()


def test_a_log_holds_both_streams_and_the_words(task, start):
    start(task("cell-a", mark="x y"))
    log = (task("cell-a").run_dir / LOG).read_text()
    assert log.startswith("$ fit --run cell-a --mark=x y\nhello from cell-a")
    assert "and an error stream\n" in log


def test_a_run_finds_the_environment_of_whoever_launches(task, start, monkeypatch):
    monkeypatch.setenv("MARK", "seen")
    start(task("cell-a"))
    monkeypatch.setenv("MARK", "changed")
    start(task("cell-b"))
    assert "seen" in (task("cell-a").run_dir / LOG).read_text()
    assert "changed" in (task("cell-b").run_dir / LOG).read_text()


def test_runs_do_not_write_into_the_run_of_whoever_launches(task, start, monkeypatch):
    monkeypatch.setenv("SONOLAB_RUN", "elsewhere")
    start(task("cell-a"))
    assert not Path("elsewhere").exists()


def test_a_run_is_none_of_the_tasks_of_whoever_launches(monkeypatch):
    names = "SLURM_STEP_ID SLURM_PROCID TORCHELASTIC_RUN_ID RANK WORLD_SIZE LOCAL_RANK MASTER_PORT"
    for name in names.split():
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PYTORCH_RANKED", "kept")
    found = _environment()
    assert not set(names.split()) & set(found)
    assert found["PYTORCH_RANKED"] == "kept"
    assert distributed(found) is None


def test_jobs_share_the_cores(task, start):
    start(task("cell-a"), jobs=2)
    assert "hello from cell-a 2" in (task("cell-a").run_dir / LOG).read_text()


def test_no_more_run_at_a_time_than_jobs(task, start, lines):
    start(*(task(f"cell-{name}", seconds=1.0) for name in "abcde"), jobs=2)
    begun = [float(line[3]) for line in lines("begun")]
    ended = [float(line[2]) for line in lines("completed")]
    at_a_time = [
        sum(b <= moment for b in begun) - sum(e < moment for e in ended) for moment in begun
    ]
    assert max(at_a_time) == 2


def test_done_runs_are_skipped(task, start, lines):
    start(task("cell-a"))
    start(task("cell-a"), task("cell-b"))
    assert [line[0] for line in lines("begun")] == ["cell-a", "cell-b"]


def test_a_failed_run_stops_no_other_and_is_told_by_the_last_line_of_its_log(task, start, capsys):
    wrong, right = task("cell-a", fail="raise"), task("cell-b", seconds=0.5)
    assert start(wrong, right) == [wrong]
    told = capsys.readouterr().out
    assert "failed: cell-a: ValueError: no more disk (see runs/fake/cell-a/log.txt)\n" in told
    assert re.search(r"\[2/2\] done in \d+ s, none left: cell-b\n", told)


def test_a_killed_run_is_told_with_its_signal(task, start, capsys):
    start(task("cell-a", fail="kill"))
    assert "failed: cell-a: killed by signal 9; " in capsys.readouterr().out


def test_a_run_that_leaves_no_report_has_failed(task, start):
    assert start(task("cell-a", fail="silent")) == [task("cell-a", fail="silent")]


def test_what_a_run_leaves_running_ends_with_it(task, start, lines):
    start(task("cell-a", helpers=1, fail="kill"))
    until(lambda: not any(is_alive(int(pid)) for pid in lines("helpers")[0]), 5)


def test_a_run_with_a_whole_checkpoint_goes_on_and_its_log_too(task, start, lines):
    start(task("cell-a", save=1, fail="kill"))
    run_dir = task("cell-a").run_dir
    (run_dir / "config.json").write_text("{}")  # what killed it is over
    assert start(task("cell-a")) == []
    assert [line[1] for line in lines("begun")] == ["False", "True"]
    assert (run_dir / LOG).read_text().count("hello from cell-a") == 2


@pytest.mark.parametrize("damage", ["torn", "without digest"])
def test_a_run_whose_only_checkpoint_is_damaged_begins_anew(task, start, lines, damage):
    start(task("cell-a", save=1, fail="kill"))
    [path] = task("cell-a").run_dir.glob("checkpoints/*.ckpt")
    if damage == "torn":
        path.write_bytes(b"weig")
    else:
        path.with_name(f"{path.name}.sha256").unlink()
    assert start(task("cell-a")) == []
    assert [line[1] for line in lines("begun")] == ["False", "False"]


def test_a_run_without_a_checkpoint_begins_anew_and_keeps_its_log(task, start):
    start(task("cell-a", fail="kill"))
    run_dir = task("cell-a").run_dir
    (run_dir / "half.txt").touch()
    assert start(task("cell-a")) == []
    assert not (run_dir / "half.txt").exists()
    assert (run_dir / LOG).read_text().count("hello from cell-a") == 2


def test_a_tested_run_without_its_report_is_not_done(task, start, lines):
    start(task("cell-a"))
    (task("cell-a").run_dir / "report.html").unlink()
    start(task("cell-a"))
    assert len(lines("completed")) == 2


@pytest.mark.slow
def test_two_launchers_never_write_one_folder(task, launcher, lines):
    tasks = [task(f"cell-{name}", seconds=0.3) for name in "ab"]
    both = [launcher(tasks), launcher(tasks)]
    assert [process.wait(300) for process in both] == [0, 0]
    assert sorted(line[0] for line in lines("completed")) == ["cell-a", "cell-b"]
    assert sorted(line[0] for line in lines("begun")) == ["cell-a", "cell-b"]


@pytest.mark.slow
@pytest.mark.parametrize("whom", ["launcher", "its group", "the server", "all python"])
def test_nothing_outlives_a_killed_launcher(task, launcher, lines, whom):
    process = launcher([task("cell-a", seconds=600, helpers=1)])
    until(lambda: lines("helpers"))
    cell = int(lines("begun")[0][2])
    server = int(Path(f"/proc/{cell}/stat").read_text().rpartition(")")[2].split()[1])
    for pid in {
        "launcher": [process.pid],
        "its group": [-process.pid],
        "the server": [server],
        "all python": [-process.pid, server],
    }[whom]:
        (os.killpg if pid < 0 else os.kill)(abs(pid), signal.SIGKILL)
    gone = [server, cell, *map(int, lines("helpers")[0])]
    until(lambda: not any(map(is_alive, gone)), 5)
    if whom == "the server":
        assert process.wait(10) == 1
        assert "the process that runs cells ended (exit code -9); the same" in process.stdout.read()


@pytest.mark.slow
def test_ctrl_c_ends_all_and_says_how_to_go_on(task, launcher, lines):
    tasks = [task("cell-a"), *(task(f"cell-{n}", seconds=600, helpers=1) for n in "bc")]
    process = launcher(tasks)
    until(lambda: len(lines("helpers")) == 2)
    os.killpg(process.pid, signal.SIGINT)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "1 of 3 runs are done; the same command goes on with the others\nstopped\n" in told
    assert "Traceback" not in told
    gone = [int(pid) for line in lines("helpers") for pid in line]
    until(lambda: not any(map(is_alive, gone)), 5)


@pytest.mark.slow
def test_a_stopped_run_may_save_before_it_ends(task, launcher, lines, place):
    code = place / "projects" / "fake" / "__main__.py"
    saves = "import signal\nsignal.signal(15, lambda *_: (note('saved.txt', 'x'), sys.exit(143)))"
    code.write_text(code.read_text().replace("\n\ndef main", f"\n\n{saves}\n\n\ndef main"))
    process = launcher([task("cell-a", seconds=600)])
    until(lambda: lines("begun"))
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert lines("saved") == [["x"]]
