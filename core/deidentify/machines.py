"""Makers and models whose names may stand in a copy, as a table spells them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from core.checks import require

_TABLE: Final = Path(__file__).with_name("machines.csv")
_TOLD = re.compile(r"[A-Za-z0-9 .,+/&()_-]{1,64}")
_COMPANY = re.compile(  # what a maker's name comes with
    r"\b(medical|systems?|healthcare|health|care|ultrasound|technologies|electronics|corporation|"
    r"corp|company|co|inc|incorporated|ltd|limited|gmbh|ag|vingmed|nms|mec|international|holdings|"
    r"general electric|solutions|usa?|network)\b"
)


class Machine(NamedTuple):
    """What a copy states of the machine.

    Attributes:
        maker: Manufacturer.
        model: Manufacturer's Model Name.
    """

    maker: str
    model: str


class Machines:
    """The machines that are known.

    Args:
        told: Further ones, as "MAKER|MODEL"; a model may be left out.

    Raises:
        InputError: If one that was told has another form.
    """

    def __init__(self, told: Iterable[str] = ()) -> None:
        with _TABLE.open(encoding="utf-8", newline="") as file:
            known = [Machine(**row) for row in csv.DictReader(file)]
        self._known = {_key(*machine): machine for machine in [*known, *map(_told, told)]}

    def find(self, maker: object, model: object) -> Machine | None:
        """Return a machine as the table spells it; None if it does not know it.

        Capitals, spaces, signs and what companies call themselves do not count. Nothing of the
        given texts is in what comes back.

        Args:
            maker: Manufacturer of a header.
            model: Its Manufacturer's Model Name.
        """
        return self._known.get(_key(str(maker or ""), str(model or "")))


def _told(text: str) -> Machine:
    maker, _, model = text.partition("|")
    fits = maker.strip() and all(_TOLD.fullmatch(part) for part in (maker, model) if part)
    require(fits, "--machine", 'MAKER|MODEL, such as "Philips|EPIQ 7G"', text)
    return Machine(maker.strip(), model.strip())


def _key(maker: str, model: str) -> tuple[str, str]:
    """Return the words that count."""
    words = re.sub(r"[^a-z0-9+]", " ", maker.casefold())
    company = _squeezed(_COMPANY.sub(" ", words))
    return company or _squeezed(maker), _squeezed(model)


def _squeezed(text: str) -> str:
    return re.sub(r"[^a-z0-9+]", "", text.casefold())
