"""Where a result comes from: code, versions, device and command."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import time
import tomllib
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path
from typing import Any, Final

import torch

from core.checkout import CHECKOUT, git
from core.reports.privacy import shown_command

_PACKAGES: Final = ("torch", "lightning", "numpy")
_CODE: Final = ("core", "projects")
_DIGITS: Final = 12
_IMPORTED: Final = time.monotonic()


def process_seconds() -> float:
    """Return the age of this process; where the system does not tell, since this was imported."""
    try:
        fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started
    except (OSError, AttributeError):
        return time.monotonic() - _IMPORTED


def versions() -> dict[str, str | None]:
    """Return the versions that move numbers: Python, this project, what it computes with."""
    ours = {"python": platform.python_version(), "sonolab": _own_version()}
    return ours | {name: version(name) for name in _PACKAGES}


def git_state(checkout: Path = CHECKOUT) -> dict[str, Any] | None:
    """Return the commit of the project's checkout, and in what its files differ from it.

    None without git, or where the project is no checkout, even if it lies inside another one.

    Returns:
        `commit`; `dirty`, whether anything differs; `changes`, a digest of what differs in tracked
        files and in new ones of core and projects, None where nothing does.
    """
    try:
        top, commit = git(checkout, "rev-parse", "--show-toplevel", "HEAD").split("\n")
        if Path(top).resolve() != checkout.resolve():
            return None
        dirty = bool(git(checkout, "status", "--porcelain"))
        changes = _changes(checkout) if dirty else None
        return {"commit": commit, "dirty": dirty, "changes": changes}
    except (OSError, subprocess.SubprocessError):
        return None


def _changes(checkout: Path) -> str:
    """Return 12 hex digits of the changes that are in no commit."""
    state = hashlib.sha256(git(checkout, "diff", "--binary", "HEAD").encode())
    new = git(checkout, "ls-files", "-z", "--others", "--exclude-standard", "--", *_CODE)
    for name in sorted(filter(None, new.split("\0"))):
        content = (checkout / name).read_bytes()
        state.update(f"\0{name}\0{len(content)}\0".encode())
        state.update(content)
    return state.hexdigest()[:_DIGITS]


def packages() -> str:
    """Return 12 hex digits that change with any installed package or its version."""
    found = sorted({f"{each.name}=={each.version}" for each in distributions()})
    return hashlib.sha256("\n".join(found).encode()).hexdigest()[:_DIGITS]


def device_facts(device: torch.device, count: int) -> dict[str, Any]:
    """Return type and name of the device that a run used, and how many of them."""
    cuda = device.type == "cuda"
    name = torch.cuda.get_device_name(device) if cuda else _processor()
    return {"type": device.type, "name": name, "count": count}


def command() -> str:
    """Return the command line with every path cut to its last part."""
    return shown_command(sys.orig_argv)


def _own_version() -> str | None:
    """Return the version of this checkout, which need not be installed, or of what is installed."""
    project = CHECKOUT / "pyproject.toml"
    if project.is_file():
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    try:
        return version("sonolab")
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """Return the processor's model name; Linux tells it in a file only."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
        return next(names, "") or platform.machine()
    except OSError:
        return platform.processor() or platform.machine()
