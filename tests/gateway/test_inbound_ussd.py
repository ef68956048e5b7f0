"""Which part of a USSD transcript is new: every case of the table, and the vendor's recorded sequences."""

import json
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.inbound.ussd import HOPS_MOST, Fresh, Refuse, Repeat, latest_answer
from store.sessions import UssdState

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "fixtures" / "africastalking"


def state(history, *, screen="screen", ended=False, contact=1, hops=1):
    return UssdState(contact_id=contact, history=history, hops=hops, screen=screen, ended=ended)


@pytest.mark.parametrize(
    ("stored", "history", "expected"),
    [
        pytest.param(None, "", Fresh(answers=(), dial=True), id="dial"),
        pytest.param(None, "1", Fresh(answers=["1"], dial=True), id="deep dial"),
        pytest.param(None, "2*50*0722", Fresh(answers=["2", "50", "0722"], dial=True), id="missed hops"),
        pytest.param(state(""), "1", Fresh(answers=("1",), dial=False), id="first answer"),
        pytest.param(state(""), "5*5", Fresh(answers=("5*5",), dial=False), id="a star typed first"),
        pytest.param(state("1"), "1*2", Fresh(answers=("2",), dial=False), id="next answer"),
        pytest.param(state("1"), "1*1", Fresh(answers=("1",), dial=False), id="the same key again is new"),
        pytest.param(state("3"), "3*5*5", Fresh(answers=("5*5",), dial=False), id="a star typed"),
        pytest.param(state("2"), "2*", Fresh(answers=("",), dial=False), id="an empty answer"),
        pytest.param(state("1*2"), "1*2", Repeat(screen="screen", ended=False), id="repeated"),
        pytest.param(state(""), "", Repeat(screen="screen", ended=False), id="dial repeated"),
        pytest.param(state("1*2"), "1", Repeat(screen="screen", ended=False), id="shorter, come late"),
        pytest.param(state("1*2"), "", Repeat(screen="screen", ended=False), id="shorter still"),
        pytest.param(state("1"), "12", Repeat(screen="screen", ended=False), id="not a continuation"),
        pytest.param(state("1*2"), "2*1*1", Repeat(screen="screen", ended=False), id="another transcript"),
        pytest.param(state("1*2", ended=True), "1*2*3", Repeat(screen="screen", ended=True), id="after the end"),
        pytest.param(state("1", contact=2), "1*2", Refuse(), id="another caller"),
        pytest.param(state("1", hops=HOPS_MOST), "1*2", Refuse(), id="too many hops"),
        pytest.param(None, "*".join("1" * (HOPS_MOST + 1)), Refuse(), id="too many hops at once"),
    ],
)
def test_what_is_new(stored, history, expected):
    found = latest_answer(stored, 1, history)
    if isinstance(expected, Fresh):
        assert isinstance(found, Fresh)
        assert (list(found.answers), found.dial) == (list(expected.answers), expected.dial)
    else:
        assert found == expected


@given(answers=st.lists(st.text(alphabet="0123456789ab ", min_size=1, max_size=5), max_size=HOPS_MOST - 1))
def test_hop_by_hop_or_all_at_once_the_same_answers_are_heard(answers):
    history, heard, stored = "", [], state("")
    for number, answer in enumerate(answers):
        history = f"{history}*{answer}" if number else answer
        found = latest_answer(stored, 1, history)
        assert isinstance(found, Fresh)
        heard += found.answers
        assert latest_answer(state(history), 1, history) == Repeat(screen="screen", ended=False)
        stored = state(history)
    assert heard == answers


def _hop(name: str) -> tuple[str, str, str]:
    form = parse_qs(json.loads((SHARED / f"{name}.json").read_text())["request"]["body"], keep_blank_values=True)
    return form["sessionId"][0], form["phoneNumber"][0], form.get("text", [""])[0]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the golden requests are not beside this checkout")
def test_the_recorded_session_acts_once_a_hop():
    """Fixtures 01 to 07 in the order of their notes: dial, choices, a retry, and a late copy of an earlier hop."""
    stored, acted = None, []
    for name in (
        "ussd_01_dial",
        "ussd_02_choice",
        "ussd_03_accumulated",
        "ussd_05_retry_same_hop",
        "ussd_07_reordered_shorter",
        "ussd_04_end",
    ):
        _, _, history = _hop(name)
        found = latest_answer(stored, 1, history)
        if isinstance(found, Fresh):
            acted += found.answers
            stored = state(history)
        else:
            assert isinstance(found, Repeat), name
    assert "*".join(acted) == stored.history


@pytest.mark.skipif(not SHARED.is_dir(), reason="the golden requests are not beside this checkout")
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ussd_09_skipped_hop", Fresh),
        ("ussd_12_deep_dial", Fresh),
        ("ussd_16_missing_text", Fresh),
        ("ussd_20_long_transcript", Refuse),
    ],
)
def test_a_recorded_hop_of_a_session_never_seen(name, kind):
    assert isinstance(latest_answer(None, 1, _hop(name)[2]), kind)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the golden requests are not beside this checkout")
def test_a_recorded_caller_change_is_refused():
    assert latest_answer(state("1", contact=2), 1, _hop("ussd_13_caller_changed")[2]) == Refuse()
