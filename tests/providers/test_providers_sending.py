"""What a provider's answer to a send means, where no code of its own says more."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import sending
from providers.base import Response, SendFailed


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "refused"),
        (401, "channel"),
        (403, "channel"),
        (404, "channel"),
        (405, "refused"),
        (408, "retry"),
        (422, "refused"),
        (429, "retry"),
        (500, "doubt"),
        (502, "doubt"),
        (503, "retry"),
        (504, "doubt"),
        (599, "doubt"),
        (302, "channel"),
        (101, "channel"),
        (600, "channel"),
    ],
)
def test_a_status_without_a_code_is_judged_by_what_may_have_happened(status: int, said: str) -> None:
    failure = sending.failed(Response(status=status))
    assert failure.reason == f"http_{status}"
    assert {
        "retry": failure.retry,
        "doubt": failure.in_doubt,
        "channel": failure.channel_fault,
        "refused": not (failure.retry or failure.in_doubt or failure.channel_fault),
    }[said]
    assert [failure.retry, failure.in_doubt, failure.channel_fault].count(True) <= 1
    assert not failure.opted_out


def test_a_code_of_its_own_wins() -> None:
    failure = sending.failed(Response(status=500), "405", sending.HOLD)
    assert (failure.reason, failure.channel_fault, failure.retry, failure.in_doubt) == ("405", True, True, False)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("99999", 99999.0),
        ("100000", None),
        ("-1", None),
        ("1.5", None),
        ("inf", None),
        ("٣", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_seconds_only(header: str, seconds: float | None) -> None:
    assert sending.failed(Response(status=429, headers={"retry-after": header})).retry_after == seconds


def test_an_answer_is_read_whatever_it_says_it_is() -> None:
    assert sending.fields(Response(status=200, headers={"content-type": "text/html"}, body=b'{"a": 1}')) == {"a": 1}
    assert sending.fields(Response(status=200, body=b"<html>")) == {}
    assert sending.fields(Response(status=200, body=b"[]")) == {}


@pytest.mark.parametrize("value", [None, "", 7, ["x"], "x" * 201])
def test_yes_without_an_id_is_in_doubt(value: object) -> None:
    with pytest.raises(SendFailed) as caught:
        sending.message_id(value)
    assert caught.value.in_doubt


def test_an_id_is_given_as_it_is() -> None:
    assert sending.message_id("SM1") == "SM1"


def test_credentials_of_any_script_are_encoded() -> None:
    assert sending.basic("user", "pass") == "Basic dXNlcjpwYXNz"
    assert sending.basic("ñ", ":") == "Basic w7E6Og=="


def test_a_form_and_a_document_say_what_they_are() -> None:
    form = sending.post_form("https://x/y", {"to": "+59170000001", "text": "ñ 😀"}, apikey="k")
    assert (form.method, form.url) == ("POST", "https://x/y")
    assert form.body == b"to=%2B59170000001&text=%C3%B1+%F0%9F%98%80"
    assert form.headers == {
        "content-type": "application/x-www-form-urlencoded",
        "accept": "application/json",
        "apikey": "k",
    }
    document = sending.post_json("https://x/y", {"text": "ñ"}, authorization="Basic x")
    assert json.loads(document.body) == {"text": "ñ"}
    assert document.headers["content-type"] == "application/json"
    assert document.headers["authorization"] == "Basic x"


@pytest.mark.parametrize(("status", "yes"), [(199, False), (200, True), (202, True), (299, True), (300, False)])
def test_taken_is_any_2xx(status: int, yes: bool) -> None:
    assert sending.taken(Response(status=status)) is yes


@given(st.dictionaries(st.sampled_from(["To", "From", "Body", "StatusCallback"]), st.text(), max_size=4))
def test_a_form_is_written_as_the_standard_says(form: dict[str, str]) -> None:
    assert sending.post_form("https://x/y", form).body == urlencode(form).encode()
