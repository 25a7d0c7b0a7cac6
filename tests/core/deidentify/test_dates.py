from datetime import datetime, timedelta

import pytest
from pydicom import Dataset

from core.deidentify.dates import moved_dates


def header(**elements):
    ds = Dataset()
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return ds


def moment(moved, kind):
    return datetime.strptime(moved[f"{kind}Date"] + moved[f"{kind}Time"], "%Y%m%d%H%M%S.%f")


def test_a_study_starts_at_midnight_of_its_moved_day():
    moved = moved_dates(header(StudyDate="20180301", StudyTime="142211.5"), 400)
    assert moved == {"StudyDate": "20170125", "StudyTime": "000000.000000"}


def test_intervals_inside_of_a_study_stay():
    ds = header(
        StudyDate="20180301",
        StudyTime="2359",
        ContentDate="20180302",
        ContentTime="001530.25",
    )
    moved = moved_dates(ds, 1000)
    expected = timedelta(minutes=16, seconds=30, microseconds=250_000)
    assert moment(moved, "Content") - moment(moved, "Study") == expected


def test_days_between_studies_stay_whatever_the_hour():
    early, late = (
        moved_dates(header(StudyDate=day, StudyTime=clock), 777)["StudyDate"]
        for day, clock in (("20180301", "235959"), ("20200229", "000001"))
    )
    days = datetime.strptime(late, "%Y%m%d") - datetime.strptime(early, "%Y%m%d")
    assert days.days == (datetime(2020, 2, 29) - datetime(2018, 3, 1)).days


def test_what_was_before_the_study_stays_before():
    ds = header(
        StudyDate="20180301", StudyTime="100000", AcquisitionDate="20180301", AcquisitionTime="0900"
    )
    moved = moved_dates(ds, 365)
    assert moment(moved, "Study") - moment(moved, "Acquisition") == timedelta(hours=1)


def test_without_a_start_the_hour_is_left_out():
    moved = moved_dates(header(ContentDate="20180301", ContentTime="101112"), 365)
    assert moved == {"ContentDate": "20170301"}


@pytest.mark.parametrize("day", ["JANSSON", "20181301", "2018.03.01", "00010101", "20180301 EVA"])
def test_what_is_no_date_is_left_out(day):
    ds = header()
    ds.add_new("StudyDate", "LO", day)
    assert moved_dates(ds, 365) == {}
