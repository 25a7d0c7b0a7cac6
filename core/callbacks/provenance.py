"""Where a result comes from: code, versions, device and command."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import torch

from core.reports.privacy import shown_command

_CHECKOUT: Final = Path(__file__).resolve().parents[2]
_PACKAGES: Final = ("torch", "lightning", "numpy")
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


def git_state(checkout: Path = _CHECKOUT) -> dict[str, Any] | None:
    """Return the commit of the project's checkout, and whether files differ from it.

    None without git, or where the project is no checkout, even if it lies inside another one.
    """
    try:
        top, commit = _git(checkout, "rev-parse", "--show-toplevel", "HEAD").split("\n")
        if Path(top).resolve() != checkout.resolve():
            return None
        return {"commit": commit, "dirty": bool(_git(checkout, "status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None


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
    project = _CHECKOUT / "pyproject.toml"
    if project.is_file():
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    try:
        return version("sonolab")
    except PackageNotFoundError:
        return None


def _git(checkout: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(checkout), *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    return done.stdout.strip()


def _processor() -> str:
    """Return the processor's model name; Linux tells it in a file only."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
        return next(names, "") or platform.machine()
    except OSError:
        return platform.processor() or platform.machine()
