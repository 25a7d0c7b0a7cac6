"""A project whose runs do nothing but what their words say, in milliseconds."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.experiments.launch import Task

ROOT = Path(__file__).parents[4]
PRELOAD = ("core.experiments.launch.cell",)
FAKE = '''
"""Each run: says hello, begins its helpers, saves a checkpoint, waits, and leaves what a run leaves."""

import hashlib, json, multiprocessing, os, subprocess, sys, time
from pathlib import Path

run_dir, words = Path(os.environ["SONOLAB_RUN"]), sys.argv[1:]
given = dict(word[2:].split("=", 1) for word in words if "=" in word)
if "--resume" in words:
    given = json.loads((run_dir / "config.json").read_text())
(run_dir / "config.json").write_text(json.dumps(given))


def note(name, line):
    """Append a line in one step."""
    with open(name, "a") as file:
        file.write(line + "\\n")


def main():
    note("begun.txt", f"{run_dir.name} {'--resume' in words} {os.getpid()} {time.time()}")
    print("hello from", run_dir.name, os.environ.get("OMP_NUM_THREADS"), os.environ.get("MARK"))
    print("and an error stream", file=sys.stderr)
    if "helpers" in given:
        worker = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,))
        worker.start()
        other = subprocess.Popen(["sleep", "600"])
        note("helpers.txt", f"{worker.pid} {other.pid}")
    if "save" in given:
        path = run_dir / "checkpoints" / "resume-00000050.ckpt"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"weights")
        digest = hashlib.sha256(b"weights").hexdigest()
        path.with_name(path.name + ".sha256").write_text(f"{digest}  {path.name}\\n")
    time.sleep(float(given.get("seconds", 0)))
    if given.get("fail") == "raise":
        raise ValueError("no more disk")
    if given.get("fail") == "kill":
        os.kill(os.getpid(), 9)
    if given.get("fail") == "silent":
        return 0
    note("completed.txt", f"{run_dir.name} {os.getpid()} {time.time()}")
    (run_dir / "summary.json").write_text(json.dumps({"metrics": {"test/dice": 0.5}}))
    (run_dir / "report.html").write_text("report")
    return 0


if __name__ == "__main__":
    sys.exit(main())
'''


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A working directory with the project `fake` in it, beside the real ones."""
    package = tmp_path / "projects" / "fake"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    both = "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n"
    (package.parent / "__init__.py").write_text(both)
    (package / "__main__.py").write_text(FAKE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.fixture
def task(place):
    """Make a run of the project `fake`."""

    def make(name="cell-a", **options):
        words = ["fit", "--run", name, *(f"--{key}={value}" for key, value in options.items())]
        return Task(project="fake", name=name, words=words, run_dir=Path("runs/fake") / name)

    return make


@pytest.fixture
def lines(place):
    """Read a file that runs append to: a list of words for each line."""

    def read(name):
        path = place / f"{name}.txt"
        return [line.split() for line in path.read_text().splitlines()] if path.is_file() else []

    return read


@pytest.fixture
def launcher(place):
    """Start a process that launches runs; all are gone afterwards."""
    started = []

    def start(tasks, how="jobs=2", preload=PRELOAD):
        given = [(t.project, t.name, t.words, str(t.run_dir)) for t in tasks]
        code = f"""
import sys
from pathlib import Path
from core.commands import run_command
from core.experiments.launch import Task, launch
tasks = [Task(project=p, name=n, words=w, run_dir=Path(r)) for p, n, w, r in {given!r}]
sys.exit(run_command(lambda: len(launch(tasks, preload={preload!r}, {how}))))
"""
        path = os.pathsep.join([str(place), str(ROOT)])
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def until(condition, seconds=300.0):
    """Wait until something holds; fail if it never does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "never happened"
        time.sleep(0.02)


def is_alive(pid):
    """Whether a process runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
