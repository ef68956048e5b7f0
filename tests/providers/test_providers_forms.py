"""Forms and JSON from strangers: what is read, what is refused, and that what is read can be stored."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.messages import Unreadable
from providers import forms
from providers.base import Malformed, Rejected, Request, WrongType
from tests.providers.codecs import CALM


def request(kind: str = forms.FORM, body: bytes = b"") -> Request:
    return Request(method="POST", url="https://gw.example.org/in/x/sms", headers={"content-type": kind}, body=body)


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=UTF-8",
        'Application/X-WWW-Form-Urlencoded;charset="utf-8"',
        "application/x-www-form-urlencoded ; boundary=x; CHARSET = utf8",
    ],
)
def test_a_form_in_utf8_is_taken_however_it_is_written(kind: str) -> None:
    assert forms.demand(request(kind), forms.FORM) == forms.FORM


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "multipart/form-data; boundary=x", "application/json", ";", "x" * 999]
)
def test_another_content_type_is_refused(kind: str) -> None:
    with pytest.raises(WrongType) as caught:
        forms.demand(request(kind), forms.FORM)
    assert caught.value.status == 415


@pytest.mark.parametrize("charset", ["bogus", "iso-8859-1", "utf-16", ""])
def test_another_charset_is_refused(charset: str) -> None:
    with pytest.raises(Malformed):
        forms.demand(request(f"{forms.FORM}; charset={charset}"), forms.FORM)


def test_no_content_type_at_all_is_refused() -> None:
    with pytest.raises(WrongType):
        forms.demand(Request(method="POST", url="https://gw.example.org/in/x/sms"), forms.FORM, forms.JSON)


def test_fields_keep_their_order_their_blanks_and_their_repetitions() -> None:
    assert forms.pairs(b"b=1&a=&b=2&c") == (("b", "1"), ("a", ""), ("b", "2"), ("c", ""))


def test_a_semicolon_parts_nothing_and_plus_is_a_blank() -> None:
    assert forms.pairs(b"a=1;b=2&c=x+y%2Bz") == (("a", "1;b=2"), ("c", "x y+z"))


@pytest.mark.parametrize("body", [b"a=\xf1", b"a=%FF%FE", b"%f1=a", "a=ñ".encode("utf-16")])
def test_bytes_that_are_not_utf8_are_refused(body: bytes) -> None:
    with pytest.raises(forms.Undecodable):
        forms.pairs(body)


def test_two_thousand_fields_are_read_and_no_more() -> None:
    assert len(forms.pairs(b"&".join([b"a=1"] * 2000))) == 2000
    with pytest.raises(Malformed, match="too many"):
        forms.pairs(b"&".join([b"a=1"] * 2001))


def test_a_field_that_we_read_has_one_value() -> None:
    assert forms.known([("a", "1"), ("x", "2"), ("x", "3")], {"a"}) == {"a": "1"}
    with pytest.raises(Malformed, match="a twice"):
        forms.known([("a", "1"), ("a", "1")], {"a"})


def test_nul_is_dropped_and_half_a_pair_is_replaced() -> None:
    assert forms.clean("a\0b") == "ab"
    assert forms.clean("ñ\0\ud83d\ude00") == "ñ😀"
    assert forms.clean("ñ\ud83d") == "ñ\N{REPLACEMENT CHARACTER}"


@CALM
@given(st.text(st.characters()))
def test_whatever_is_cleaned_can_be_stored(text: str) -> None:
    cleaned = forms.clean(text)
    assert "\0" not in cleaned
    assert cleaned.encode().decode() == cleaned
    assert forms.clean(cleaned) == cleaned


@CALM
@given(st.text().filter(lambda text: "\0" not in text))
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert forms.clean(text) == text


@pytest.mark.parametrize(
    "body",
    [b"", b"hola", b"[1]", b"null", b'"x"', b"{", b"\xff{}", b"[" * 60_000, b'{"a":' + b"9" * 5000 + b"}", b"\0"],
)
def test_json_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        forms.document(body)


def test_a_json_object_is_read() -> None:
    assert forms.document('{"a": "ñ", "b": [1]}'.encode()) == {"a": "ñ", "b": [1]}


def test_a_text_may_be_blank_and_an_id_may_not() -> None:
    assert forms.text_of({"a": ""}, "a") == ""
    with pytest.raises(forms.Odd, match="bad a"):
        forms.id_of({"a": ""}, "a")


@pytest.mark.parametrize("value", [None, 1, True, ["x"], {"x": 1}])
def test_what_should_be_text_and_is_not_is_refused(value: object) -> None:
    for read in (forms.text_of, forms.id_of, forms.name_of):
        with pytest.raises(Malformed, match="no a"):
            read({"a": value}, "a")


def test_ids_and_names_fit_their_columns() -> None:
    assert forms.id_of({"a": "x" * 200}, "a") == "x" * 200
    assert forms.name_of({"a": "x" * 64}, "a") == "x" * 64
    with pytest.raises(forms.Odd):
        forms.id_of({"a": "x" * 201}, "a")
    with pytest.raises(forms.Odd):
        forms.name_of({"a": "x" * 65}, "a")


@pytest.mark.parametrize("name", ["", " 59170000001", "+59170000001\n", "\t"])
def test_a_number_with_blanks_around_it_is_not_mended(name: str) -> None:
    with pytest.raises(forms.Odd, match="bad from"):
        forms.name_of({"from": name}, "from")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("30003", "30003"),
        ("RESULT_ERROR_NO_SERVICE", "RESULT_ERROR_NO_SERVICE"),
        ("cannot reach +59170000001", "other"),
        ("59170000001", "other"),
        ("x59170000001", "other"),
        ("", "other"),
        ("x" * 65, "other"),
        ("a-b", "other"),
    ],
)
def test_a_reason_is_a_word_or_a_code(said: str, reason: str) -> None:
    assert forms.reason(said, "other") == reason


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("2026-11-21T17:00:45Z", datetime(2026, 11, 21, 17, 0, 45, tzinfo=UTC)),
        ("2026-11-21 17:00:45", datetime(2026, 11, 21, 17, 0, 45, tzinfo=UTC)),
        ("2026-11-21T17:00:45.445Z", datetime(2026, 11, 21, 17, 0, 45, 445000, tzinfo=UTC)),
        ("2026-11-21T13:00:00.000-04:00", datetime(2026, 11, 21, 17, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        (None, None),
        (17, None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
    ],
)
def test_a_time_is_read_in_utc_or_not_at_all(said: object, at: datetime | None) -> None:
    assert forms.moment(said) == at


def test_what_cannot_be_read_is_kept_with_the_answer_that_fits() -> None:
    def fails(with_: Exception) -> object:
        def read() -> list[Unreadable]:
            raise with_

        return forms.kept("line", request(body=b"raw"), read)

    assert fails(forms.Odd("bad id")) == [Unreadable(channel="line", reason="bad id", raw=b"raw", status=200)]
    assert fails(Malformed("no id")) == [Unreadable(channel="line", reason="no id", raw=b"raw", status=400)]
    with pytest.raises(Rejected):
        fails(Rejected("signature"))
    assert forms.kept("line", request(), list) == []


@given(st.binary(max_size=60) | st.text(alphabet="ab=&%+;ñ2fF", max_size=40).map(str.encode))
def test_a_form_reads_as_the_standard_library_reads_it(body: bytes) -> None:
    try:
        theirs = tuple(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        with pytest.raises(forms.Undecodable):
            forms.pairs(body)
    else:
        assert forms.pairs(body) == theirs
