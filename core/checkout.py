"""The git checkout that this code lies in, asked through the git program."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[1]
_PATIENCE_S = 20.0


def git(checkout: Path, *arguments: str) -> str:
    """Return what git prints, without white space around it.

    Raises:
        OSError: If there is no git.
        subprocess.SubprocessError: If git fails, or takes longer than 20 s.
    """
    done = subprocess.run(
        ["git", "-C", str(checkout), *arguments],
        capture_output=True,
        check=True,
        timeout=_PATIENCE_S,
    )
    return done.stdout.decode("utf-8", "replace").strip()
