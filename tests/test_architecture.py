"""Who may import whom, and how large a file may be; read from the sources, nothing is imported."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE, PROJECTS = ROOT / "core", ROOT / "projects"
FILES = sorted([*CORE.rglob("*.py"), *PROJECTS.rglob("*.py")])

ARROWS = {
    "checks": (),
    "checkout": (),
    "commands": ("checks",),
    "annotations": ("checks", "files"),
    "dotted": (),
    "files": ("checks",),
    "overlays": ("checks",),
    "pictures": ("checks", "dicom.pixels"),
    "edges": ("checks",),
    "grids": ("checks",),
    "dicom": ("checks", "files"),
    "layers": ("checks",),
    "losses": ("checks",),
    "metrics": ("checks", "shapes"),
    "networks": ("checks", "layers", "checkpoints"),
    "phantoms": ("checks",),
    "shapes": ("checks",),
    "sweeps": ("checks", "commands", "files"),
    "restoration": ("checks", "losses"),
    "statistics": (),
    "reports": ("checks", "files", "shapes", "edges", "statistics"),
    "cines": ("checks", "commands", "files", "dicom", "phantoms", "pictures"),
    "deidentify": ("checks", "commands", "files", "dicom", "cines", "reports"),
    "labelling": ("checks", "commands", "files", "cines", "dicom"),
    "data": (
        *("checks", "annotations", "cines", "dicom", "edges", "files", "grids", "phantoms"),
        "pictures",
    ),
    "cleaning": (
        *("annotations", "checks", "files", "data", "dicom.header", "grids"),
        *("metrics", "reports", "restoration", "shapes"),
    ),
    "checkpoints": ("checks", "files"),
    "tasks": ("checks", "grids", "losses", "metrics", "restoration", "shapes"),
    "dashboards": ("checks", "commands", "overlays"),
    "run_keys": ("dotted", "reports.privacy"),
    "callbacks": (
        "checks",
        "run_keys",
        "checkout",
        "files",
        "layers",
        "metrics",
        "reports",
        "checkpoints",
        "data.split_csv",
        "shapes",
        "edges",
    ),
    "experiments": (
        *("checks", "commands", "dotted", "files", "metrics", "overlays", "reports", "statistics"),
        "checkpoints",
    ),
    "comparison": (
        "checks",
        "checkout",
        "dotted",
        "files",
        "experiments.values",
        "reports",
        "run_keys",
        "statistics",
    ),
    "cli": (
        *("checks", "dotted", "files", "reports", "data", "checkpoints", "tasks", "callbacks"),
        *("commands", "overlays", "run_keys"),
        *(
            "cleaning",
            "comparison",
            "experiments",
            "grids",
            "layers",
            "metrics.agreement",
            "shapes",
        ),
    ),
}
"""What each room of core may import of core, besides itself."""

PLAIN_TORCH = ("layers", "losses", "metrics", "networks", "restoration")
LARGEST = 300  # lines


@cache
def imports(source):
    """Every module that a source imports, also inside functions; `from a import b` gives a.b."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found += [f"{node.module}.{name.name}" for name in node.names]
    return found


def is_below(module, parents):
    return any(f"{module}.".startswith(f"{parent}.") for parent in parents)


def room_of(path):
    return path.relative_to(CORE).parts[0].removesuffix(".py")


def files_of(room):
    return [path for path in FILES if path.is_relative_to(CORE) and room_of(path) == room]


def wrong_imports(room, source):
    """What a source of this room imports of core without being allowed to."""
    allowed = [f"core.{name}" for name in (room, *ARROWS[room])]
    return [
        name for name in imports(source) if is_below(name, ["core"]) and not is_below(name, allowed)
    ]


def test_imports_are_found_wherever_they_stand():
    source = "import core.data\ndef f():\n    if True:\n        from core.tasks import Task\n"
    assert wrong_imports("metrics", source) == ["core.data", "core.tasks.Task"]


def test_names_taken_from_the_package_itself_are_modules():
    assert wrong_imports("metrics", "from core import checks, tasks") == ["core.tasks"]


def test_every_room_has_its_arrows():
    rooms = {room_of(path) for path in FILES if path.is_relative_to(CORE)}
    assert rooms - {"__init__"} == ARROWS.keys()


@pytest.mark.parametrize("room", ARROWS)
def test_a_room_imports_only_what_its_arrows_allow(room):
    wrong = {path.name: wrong_imports(room, path.read_text()) for path in files_of(room)}
    assert {name: modules for name, modules in wrong.items() if modules} == {}


@pytest.mark.parametrize("room", PLAIN_TORCH)
def test_networks_and_what_they_are_made_of_are_plain_torch(room):
    bound = ("lightning", "pytorch_lightning", "lightning_fabric")
    for path in files_of(room):
        assert not [name for name in imports(path.read_text()) if is_below(name, bound)], path.name


def test_core_knows_no_project():
    for path in FILES:
        if path.is_relative_to(CORE):
            assert not [n for n in imports(path.read_text()) if is_below(n, ["projects"])], path


def test_projects_do_not_know_each_other():
    for path in FILES:
        if path.is_relative_to(PROJECTS):
            own = f"projects.{path.relative_to(PROJECTS).parts[0]}"
            others = [n for n in imports(path.read_text()) if is_below(n, ["projects"])]
            assert all(is_below(name, [own]) for name in others), path


def test_no_file_is_too_long():
    endings = {".py", ".yaml", ".html", ".css"}
    paths = [path for root in (CORE, PROJECTS) for path in root.rglob("*")]
    lengths = {p: p.read_text().count("\n") for p in paths if p.suffix in endings}
    assert lengths
    assert {str(path) for path, length in lengths.items() if length > LARGEST} == set()


def test_every_file_says_what_it_is():
    assert [str(path) for path in FILES if not ast.get_docstring(ast.parse(path.read_text()))] == []


@pytest.mark.parametrize("project", sorted(p.parent for p in PROJECTS.glob("*/config.yaml")))
def test_a_projects_entry_point_is_ten_lines_at_most(project):
    assert (project / "__main__.py").read_text().count("\n") <= 10
