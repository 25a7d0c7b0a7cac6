"""Made-up patients, as they stand on a screen and in a file's header."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_FAMILY = (
    *("DOE", "MUSTERMANN", "SPECIMEN", "EXAMPLE", "SVENSSON", "ROE", "PUBLIC", "BLOGGS"),
    *("TESTER", "PHANTOM", "MALLORY", "STRAWMAN"),
)
_WOMEN = "JANE", "ERIKA", "ALICE", "ANNA", "CAROL", "EVE", "GRACE", "HEIDI"
_MEN = "JOHN", "MAX", "BOB", "OSCAR", "TRENT", "VICTOR", "WALTER", "IVAN"
_SITES = "PHANTOM GENERAL HOSPITAL", "SPECIMEN HEART CLINIC", "EXAMPLE UNIVERSITY HOSPITAL"


@dataclass(frozen=True)
class Person:
    """A patient who does not exist.

    Attributes:
        name: "FAMILY^GIVEN".
        number: Patient number.
        sex: "F" or "M".
        born: Date of birth, YYYYMMDD.
        studied: Date of the study, YYYYMMDD.
        at: Time of the study, HHMMSS.
        site: Where it was made.
    """

    name: str
    number: str
    sex: str
    born: str
    studied: str
    at: str
    site: str

    @property
    def date(self) -> str:
        """Date and time of the study as a screen shows them."""
        day, time = self.studied, self.at
        return f"{day[6:]}/{day[4:6]}/{day[:4]} {time[:2]}:{time[2:4]}:{time[4:]}"


def draw_person(rng: np.random.Generator) -> Person:
    """Draw a patient."""
    sex = "FM"[int(rng.integers(2))]
    given = rng.choice(_WOMEN if sex == "F" else _MEN)
    return Person(
        name=f"{rng.choice(_FAMILY)}^{given}",
        number=f"{rng.integers(10**7, 10**8)}",
        sex=sex,
        born=f"{rng.integers(1930, 2000)}{rng.integers(1, 13):02}{rng.integers(1, 29):02}",
        studied=f"{rng.integers(2012, 2020)}{rng.integers(1, 13):02}{rng.integers(1, 29):02}",
        at=f"{rng.integers(7, 18):02}{rng.integers(60):02}{rng.integers(60):02}",
        site=str(rng.choice(_SITES)),
    )
