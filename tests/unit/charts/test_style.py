import os
import subprocess
import sys

import matplotlib
import pytest

from communitybudget._core.vocabulary import AGENCIES
from communitybudget.charts import house_style
from communitybudget.charts.style import OTHER_AGENCIES, agency_look


def test_every_agency_has_a_look_of_its_own() -> None:
    names = [*AGENCIES.values(), OTHER_AGENCIES]
    assert len({agency_look(name) for name in names}) == len(names)


def test_the_largest_agencies_are_plain() -> None:
    for key in ("local_authority", "dwp", "nhs", "police", "schools", "courts", "youth_justice", "society"):
        assert agency_look(AGENCIES[key])[1] == ""


def test_an_unknown_agency_never_looks_like_a_known_one() -> None:
    known = {agency_look(name) for name in AGENCIES.values()}
    for number in range(200):
        assert agency_look(f"Trust {number}") not in known


def test_an_unknown_agency_looks_the_same_in_every_process() -> None:
    code = "from communitybudget.charts.style import agency_look; print(agency_look('Kent Trust'))"
    looks = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout
        for seed in ("0", "7")
    }
    assert looks == {f"{agency_look('Kent Trust')}\n"}


def test_the_readers_settings_come_back() -> None:
    with matplotlib.rc_context({"font.size": 23.0, "axes.facecolor": "pink"}):
        with house_style():
            assert matplotlib.rcParams["font.size"] == 9.0
            assert matplotlib.rcParams["axes.facecolor"] == "white"
        assert matplotlib.rcParams["font.size"] == 23.0


def test_the_readers_settings_come_back_after_an_error() -> None:
    before = matplotlib.rcParams["font.size"]
    with pytest.raises(RuntimeError), house_style():
        raise RuntimeError
    assert matplotlib.rcParams["font.size"] == before
