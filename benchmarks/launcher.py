"""What launching costs a cell beyond its run: forked with everything imported, or a fresh process.

The run is one that imports what every run of a project imports, and then does nothing but leave
what a run leaves; so all of its time is the launcher's. The peer is what a script that loops over
a table's runs does: `subprocess.run([python, "-m", "projects.x", ...])`, which imports it all anew.
Our server imports it once for all cells, which is stated apart.

    python -m benchmarks.launcher
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.timing import show, write_results
from core.experiments.launch import Task, launch

CELLS, PEER_CELLS = 20, 3
NOTHING = """
import os
from pathlib import Path

import core.cli.finish
import core.cli.stages

run_dir = Path(os.environ["SONOLAB_RUN"])
(run_dir / "summary.json").write_text('{"metrics": {"test/dice": 0.5}}')
(run_dir / "report.html").touch()
"""


def main() -> None:
    """Time both and write the figures."""
    with _place():
        first = _launched("first", 1)
        ours = _launched("cell", CELLS) / CELLS
        peer = median(_fresh(f"peer-{number}") for number in range(PEER_CELLS))
    seconds = {"forked (ours)": ours, "subprocess.run([python, -m, ...])": peer}
    show(f"one cell of {CELLS}, one at a time, beyond its run", seconds, "forked (ours)")
    once = first - ours
    print(f"  once a matrix, the server's imports: {once:.1f} s")
    for cells in (4, CELLS):
        print(f"  so of {cells} cells each: {ours + once / cells:.2f} s")
    figures = {
        "seconds_a_cell": {name: round(value, 3) for name, value in seconds.items()},
        "seconds_once_a_matrix": round(once, 2),
        "load_average_meanwhile": round(os.getloadavg()[0], 1),
    }
    write_results("launcher", figures)


@contextlib.contextmanager
def _place() -> Iterator[None]:
    """A working directory with a project that does nothing."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "projects" / "nothing"
        package.mkdir(parents=True)
        for name in ("../__init__.py", "__init__.py"):
            (package / name).touch()
        (package / "__main__.py").write_text(NOTHING)
        sys.path[:0] = [folder, str(before)]
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def _launched(name: str, cells: int) -> float:
    """Return the seconds of launching cells one after another."""
    runs = [(f"{name}-{number}", Path(f"runs/nothing/{name}-{number}")) for number in range(cells)]
    tasks = [
        Task(project="nothing", name=run, words=["fit", "--run", run], run_dir=folder)
        for run, folder in runs
    ]
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        failed = launch(tasks, jobs=1)
    if failed:
        raise SystemExit(f"failed: {failed}")
    return time.perf_counter() - start


def _fresh(name: str) -> float:
    """Return the seconds of one run in a Python of its own."""
    run_dir = Path("runs/nothing") / name
    run_dir.mkdir(parents=True)
    path = os.pathsep.join(entry for entry in sys.path if entry)
    environment = {**os.environ, "SONOLAB_RUN": str(run_dir), "PYTHONPATH": path}
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "projects.nothing"], env=environment, check=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
