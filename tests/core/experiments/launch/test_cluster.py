"""Launching on Ray: what is wrong in one line, and a real cluster of two nodes that loses one."""

import os
import re
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from core.checks import InputError
from core.experiments.launch import cluster, is_done, launch
from tests.core.experiments.launch.conftest import is_alive, until

HEAD = {"num_cpus": 1, "include_dashboard": False}


class FakeRay:
    """Machines as Ray lists them, one of which sees nothing."""

    def __init__(self, *resources):
        self.resources = resources

    def nodes(self):
        address = {"Alive": True, "NodeManagerAddress": "10.0.0.2"}
        return [{"Resources": given, "NodeID": "b" * 56, **address} for given in self.resources]

    def remote(self, **_):
        class Remote:
            remote = staticmethod(lambda: False)

        return lambda function: Remote

    def get(self, seen):
        return seen


@pytest.fixture
def machines(place, monkeypatch):
    """Return the cluster that such machines make; all see the folder."""

    def make(*resources):
        monkeypatch.setattr(cluster, "_connected", lambda address: FakeRay(*resources))
        monkeypatch.setattr(cluster.Cluster, "_check_folder", lambda self, nodes: None)
        return cluster.Cluster("auto")

    return make


def test_without_ray_one_line_says_how_to_install_it(task, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"--ray: expected Ray installed: .*'ray\[client\]'"):
        launch([task()], ray="auto")


def test_a_machine_that_does_not_see_the_folder_is_named(task, monkeypatch, place):
    monkeypatch.setattr(cluster, "_connected", lambda address: FakeRay({"CPU": 4.0}))
    shared = rf"--ray: expected {place}/runs and .* on a folder that all machines share"
    with pytest.raises(InputError, match=f"{shared}, got 10.0.0.2 without them"):
        launch([task()], ray="auto")
    assert list((place / "runs").iterdir()) == []


def test_a_cell_asks_for_a_gpu_and_its_share_of_the_cores(machines):
    found = machines({"CPU": 16.0, "GPU": 2.0}, {"CPU": 9.0, "GPU": 3.0}, {"CPU": 64.0})
    assert (found.gpus, found.cores) == (5, 3)
    assert found.at_a_time(None) == 5


def test_without_gpus_a_cell_asks_for_one_core(machines):
    found = machines({"CPU": 16.0}, {"CPU": 8.0})
    assert (found.gpus, found.cores) == (0, 1)
    assert (found.at_a_time(None), found.at_a_time(3), found.at_a_time(99)) == (24, 3, 24)


def test_a_head_without_cores_is_no_worker(machines):
    found = machines({"memory": 1e12}, {"CPU": 8.0})
    assert (found.cores, found.at_a_time(None)) == (1, 8)
    assert machines({"CPU": 8.0}, {"GPU": 2.0}).gpus == 0  # no cell could be put there


def test_a_cell_has_a_core_where_there_are_fewer_than_gpus(machines):
    found = machines({"CPU": 2.0, "GPU": 4.0})
    assert (found.cores, found.at_a_time(None)) == (1, 2)


def test_a_cluster_without_cores_is_refused(machines):
    with pytest.raises(InputError, match="--ray: expected a machine that offers cores, got none"):
        machines({"memory": 1e12})


def test_cells_of_machines_with_little_memory_ask_for_more_cores(machines):
    found = machines({"CPU": 16.0, "memory": 8.0 * 2**30}, {"CPU": 16.0, "memory": 1e12})
    assert (found.cores, found.at_a_time(None)) == (1, 32)
    assert machines({"CPU": 16.0, "memory": 8.0 * 2**30}).cores == 4


@pytest.fixture
def two_nodes(monkeypatch):
    """A head and a second node, each with room for one cell."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    from ray.cluster_utils import Cluster

    nodes = Cluster(initialize_head=True, head_node_args=HEAD)
    yield nodes, nodes.add_node(num_cpus=1)
    nodes.shutdown()


def raylet_of(node):
    return node.all_processes["raylet"][0].process.pid


def ancestors(pid):
    """The processes above one."""
    while pid > 1:
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        yield pid


@pytest.mark.slow
def test_every_cell_ends_and_none_twice_where_a_node_is_killed(two_nodes, task, launcher, lines):
    nodes, second = two_nodes
    tasks = [task(f"cell-{number}", seconds=6, save=1) for number in range(8)]
    wrong = task("cell-wrong", fail="raise")
    process = launcher([*tasks, wrong], how=f"ray={nodes.address!r}")

    def running():
        ended = {line[1] for line in lines("completed")}  # such a process may still be there
        pids = [int(line[2]) for line in lines("begun") if line[2] not in ended]
        return [pid for pid in pids if is_alive(pid) and raylet_of(second) in ancestors(pid)]

    until(lambda: len(lines("completed")) >= 2 and running())
    [lost] = running()
    _, worker, *_ = ancestors(lost)
    for process_id in (raylet_of(second), worker):
        os.kill(process_id, signal.SIGKILL)
    until(lambda: not is_alive(lost), 5)
    told, _ = process.communicate(timeout=300)
    assert process.returncode == 1, told  # how many failed: the wrong one
    assert all(is_done(task.run_dir) for task in tasks)
    assert Counter(line[0] for line in lines("completed")) == {t.run_dir.name: 1 for t in tasks}
    times = Counter(line[0] for line in lines("begun"))
    assert sum(times.values()) == 10  # the lost cell twice, the wrong one never again
    assert times["cell-wrong"] == 1
    [again] = [line for line in lines("begun") if times[line[0]] == 2][1:]
    assert again[1] == "True"  # it went on from its checkpoint
    assert "failed: cell-wrong: ValueError: no more disk" in told
    assert re.search(r"\[2/9\] done in \d+ s", told)


@pytest.mark.slow
def test_ray_on_this_machine_alone_needs_nothing_started(task, launcher, lines):
    tasks = [task(f"cell-{number}", mark=number) for number in range(3)]
    process = launcher(tasks, how="ray='local'")
    told, _ = process.communicate(timeout=300)
    assert process.returncode == 0, told
    assert len(lines("completed")) == 3


@pytest.mark.slow
def test_ctrl_c_ends_cells_on_ray_too(task, launcher, lines):
    process = launcher([task(seconds=600, helpers=1)], how="ray='local'")
    until(lambda: lines("helpers"))
    os.killpg(process.pid, signal.SIGINT)
    told, _ = process.communicate(timeout=120)
    assert process.returncode == 130, told
    assert "0 of 1 runs are done; the same command goes on with the others" in told
    gone = [int(lines("begun")[0][2]), *map(int, lines("helpers")[0])]
    until(lambda: not any(map(is_alive, gone)), 30)
