import pytest

from core.checks import InputError
from core.deidentify.machines import Machine, Machines


@pytest.mark.parametrize(
    ("maker", "model", "found"),
    [
        ("Philips Medical Systems", "EPIQ 7G", ("Philips", "EPIQ 7G")),
        ("PHILIPS", "iE33", ("Philips", "iE33")),
        ("SIEMENS", "ACUSON SC2000", ("Siemens", "ACUSON SC2000")),
        ("G.E. Medical Systems", "LOGIQ 700", ("GE", "LOGIQ 700")),
        ("GE Vingmed Ultrasound", "Vivid E95", ("GE", "Vivid E95")),
        ("ALOKA CO., LTD.", "SSD-4000", ("Aloka", "SSD-4000")),
        ("TOSHIBA_MEC_US", "Aplio 500", ("Toshiba", "Aplio 500")),
        ("SonoSite, Inc.", "Turbo", ("SonoSite", "Turbo")),
    ],
)
def test_a_machine_is_stated_as_the_table_spells_it(maker, model, found):
    assert Machines().find(maker, model) == found


@pytest.mark.parametrize(
    ("maker", "model"),
    [("JANSSON EVA", "EPIQ 7G"), ("Philips", "EPIQ 7G JANSSON"), ("", ""), (None, None)],
)
def test_any_other_text_is_no_machine(maker, model):
    assert Machines().find(maker, model) is None


def test_a_machine_can_be_told():
    machines = Machines(["Acme|Scan 1", "Solo"])
    assert machines.find("ACME", "scan-1") == Machine("Acme", "Scan 1")
    assert machines.find("solo", "") == Machine("Solo", "")


@pytest.mark.parametrize("text", ["", "|EPIQ", "A\nB|C", "Åsa|X"])
def test_a_machine_of_another_form_is_refused(text):
    with pytest.raises(InputError, match=r"--machine: expected MAKER\|MODEL"):
        Machines([text])
