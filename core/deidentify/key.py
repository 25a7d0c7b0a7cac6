"""Pseudonyms that only the holder of a key file can repeat."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from core.checks import RunError, require
from core.files import printable

_BYTES = 32
_LEAST_DAYS, _MOST_DAYS = 365, 3650  # how far back dates go: at least beyond the year's season


class Key:
    """Turns identities into pseudonyms by HMAC-SHA256.

    The same identity gets the same pseudonym in every run with the same key; without the key,
    none can be guessed from a list of identities.

    Args:
        secret: The key, 32 bytes.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @property
    def fingerprint(self) -> str:
        """What tells keys apart and tells nothing of them."""
        return self._digest("key", "").hex()[:16]

    def patient(self, identity: str) -> str:
        """Return a patient's pseudonym, "ANON-" and 16 hexadecimal digits."""
        return f"ANON-{self._digest('patient', identity).hex()[:16].upper()}"

    def uid(self, uid: str) -> str:
        """Return a UID "2.25." and 128 bits for another (PS3.5 B.2)."""
        return f"2.25.{int.from_bytes(self._digest('uid', uid)[:16], 'big')}"

    def file(self, content: str) -> str:
        """Return a file name, without ending, for the digest of a file's content."""
        return self._digest("file", content).hex()[:16]

    def place(self, path: str) -> str:
        """Return what files are sorted by, so that their order tells nothing of their names."""
        return self._digest("place", path).hex()

    def days(self, identity: str) -> int:
        """Return by how many days a patient's dates go back, 365 to 3650."""
        number = int.from_bytes(self._digest("days", identity)[:8], "big")
        return _LEAST_DAYS + number % (_MOST_DAYS - _LEAST_DAYS + 1)

    def _digest(self, kind: str, text: str) -> bytes:
        message = f"{kind}\0{text}".encode("utf-8", "surrogateescape")
        return hmac.new(self._secret, message, hashlib.sha256).digest()


def key_of(path: Path) -> Key:
    """Read a key file; make one, readable by its owner only, where there is none.

    Raises:
        InputError: If the file holds no key.
        RunError: If it cannot be read or made.
    """
    subject = printable(path.name)
    try:
        if not path.exists():
            _make(path)
        text = path.read_text("ascii").strip()
    except OSError as error:
        raise RunError(f"{subject}: {error.strerror or error}") from error
    except UnicodeDecodeError:
        text = ""
    fits = re.fullmatch(r"[0-9a-f]{64}", text)
    require(fits, subject, "a key file: 64 hexadecimal digits", "something else")
    return Key(bytes.fromhex(text))


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
