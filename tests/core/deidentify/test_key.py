import hashlib
import hmac
import stat

import pytest

from core.checks import InputError
from core.deidentify.key import Key, key_of

IDS = [f"19{number:06d}-{number % 9999:04d}" for number in range(10_000)]


def test_the_same_patient_is_the_same_in_every_run():
    first, again = Key(b"k" * 32), Key(b"k" * 32)
    assert [first.patient(name) for name in IDS[:50]] == [again.patient(name) for name in IDS[:50]]


def test_ten_thousand_patients_have_as_many_pseudonyms():
    key = Key(b"k" * 32)
    assert len({key.patient(name) for name in IDS}) == len(IDS)
    assert len({key.uid(name) for name in IDS}) == len(IDS)


def test_a_pseudonym_is_the_hmac_of_its_kind_and_identity():
    theirs = hmac.new(b"k" * 32, b"patient\0" + b"A7", hashlib.sha256).hexdigest()[:16].upper()
    assert Key(b"k" * 32).patient("A7") == f"ANON-{theirs}"


def test_another_key_gives_other_pseudonyms():
    one, other = Key(b"a" * 32), Key(b"b" * 32)
    assert not {one.patient(name) for name in IDS} & {other.patient(name) for name in IDS}
    assert one.fingerprint != other.fingerprint


def test_a_uid_is_valid():
    uid = Key(b"k" * 32).uid("1.2.3")
    assert uid.startswith("2.25.")
    assert int(uid[5:]) < 2**128
    assert len(uid) <= 64


def test_days_differ_and_stay_in_range():
    days = [Key(b"k" * 32).days(name) for name in IDS]
    assert min(days) >= 365
    assert max(days) <= 3650
    assert len(set(days)) > 3000


def test_a_key_file_is_made_once_and_private(tmp_path):
    path = tmp_path / "keys" / "study.key"
    made = key_of(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_of(path).patient("A7") == made.patient("A7")


@pytest.mark.parametrize("content", [b"", b"abc", b"\xff\xfe" * 40, b"g" * 64])
def test_another_file_is_no_key(tmp_path, content):
    path = tmp_path / "study.key"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"study\.key: expected a key file"):
        key_of(path)
