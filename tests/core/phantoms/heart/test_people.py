import re

import numpy as np

from core.phantoms.heart.people import draw_person


def test_names_are_written_as_in_a_header():
    for number in range(50):
        person = draw_person(np.random.default_rng(number))
        assert re.fullmatch(r"[A-Z]+\^[A-Z]+", person.name)
        assert re.fullmatch(r"\d{8}", person.number)


def test_dates_are_real_ones_and_birth_precedes_the_study():
    for number in range(50):
        person = draw_person(np.random.default_rng(number))
        np.datetime64(f"{person.born[:4]}-{person.born[4:6]}-{person.born[6:]}")
        assert person.born < person.studied


def test_date_on_the_screen_is_that_of_the_study():
    person = draw_person(np.random.default_rng(1))
    day, month, year = person.date.split()[0].split("/")
    assert year + month + day == person.studied
