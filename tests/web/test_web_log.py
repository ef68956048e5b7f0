"""One line of JSON for what happened, and nothing in it of whom it happened to."""

import asyncio
import json
import logging
import warnings

import pytest
import structlog

from store import StoreUnavailable

PERSON = "+59170009999"


@pytest.fixture
def lines(output):
    return lambda: [json.loads(line) for line in output.getvalue().splitlines()]


def say(**facts):
    structlog.get_logger("a.name").info("it happened", **facts)


def test_a_line_is_json_with_the_time_first(lines, output):
    say(channel="twilio", count=3)
    assert lines() == [
        {
            "at": "2026-03-02T14:00:00.000+00:00",
            "channel": "twilio",
            "count": 3,
            "event": "it happened",
            "level": "info",
        }
    ]
    assert output.getvalue().startswith('{"at": ')


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (PERSON, "***99"),
        ("59170009999", "***99"),
        ("a +591 7000 9999, b", "a ***99, b"),
        ("(591) 7000-9999", "(***99"),
        ("70009999", "***99"),
        ("7000999", "***99"),
        ("482-105-930", "***30"),
        ("/in/59170009999/sms", "/in/***99/sms"),
        ("tel59170009999x", "tel***99x"),
        ("2026-03-02", "2026-03-02"),
        ("2026-03-02T14:00:00.123456+00:00", "2026-03-02T14:00:00.123456+00:00"),
        ("until 2026-03-02 14:00 from 192.168.100.200", "until 2026-03-02 14:00 from 192.168.100.200"),
        ("503 after 3 of 10", "503 after 3 of 10"),
        ("192.168.100.200.59170009999", "***99"),
    ],
)
def test_what_looks_like_a_number_is_masked(lines, said, written):
    say(reason=said, deep={"list": [said, (said,)]})
    structlog.get_logger().warning(said)
    first, second = lines()
    assert first["reason"] == written
    assert first["deep"] == {"list": [written, [written]]}
    assert second["event"] == written


@pytest.mark.parametrize("name", ["text", "body", "sender", "recipient", "msisdn", "code", "secret", "url", "headers"])
def test_private_fields_are_never_written(lines, name):
    say(**{name: "hola vecina"}, more={name: "hola vecina"})
    (line,) = lines()
    assert line[name] == line["more"][name] == "[no se anota]"


def test_bytes_and_what_lies_too_deep_are_not_written(lines):
    say(raw_bytes=b"hola", deep=[[[[["hola"]]]]], thing=object(), wanted={"set"})
    (line,) = lines()
    assert "hola" not in json.dumps(line)
    assert line["thing"] == "object"
    assert line["wanted"] == ["set"]


def test_control_characters_cannot_begin_a_new_line(lines, output):
    say(reason='a\nb\r\x1b[31m\u2028{"level": "error"}')
    assert len(output.getvalue().splitlines()) == 1
    assert len(lines()) == 1


def fail():
    raise ValueError(f"could not read {PERSON}: hola vecina")


@pytest.mark.parametrize("given", ["exception", "exc_info", "tuple"])
def test_an_exception_is_its_type_and_its_place(lines, output, given):
    log = structlog.get_logger()
    try:
        fail()
    except ValueError as error:
        if given == "exception":
            log.exception("failed")
        elif given == "exc_info":
            log.error("failed", exc_info=error)  # noqa: TRY400
        else:
            log.error("failed", exc_info=(type(error), error, error.__traceback__))  # noqa: TRY400
    (line,) = lines()
    assert line["error"] == "ValueError"
    assert line["where"][-1].startswith("tests/web/test_web_log.py:")
    assert line["where"][-1].endswith(" fail")
    assert "hola" not in output.getvalue()


def test_an_exception_of_ours_says_what_it_says(lines):
    structlog.get_logger().error("failed", exc_info=StoreUnavailable(f"disk full {PERSON}"))
    assert lines()[0]["detail"] == "disk full ***99"


def test_of_a_librarys_own_steps_only_the_last_is_told(lines):
    try:
        json.loads("{")
    except ValueError:
        structlog.get_logger().exception("failed")
    first, last = lines()[0]["where"]
    assert first.startswith("tests/web/test_web_log.py:")
    assert last.startswith("decoder.py:")


def test_an_exception_that_was_never_raised_has_no_place(lines):
    structlog.get_logger().error("failed", exc_info=ValueError("hola"))
    assert (lines()[0]["error"], lines()[0]["where"]) == ("ValueError", [])


def test_a_line_without_an_exception_names_none(lines):
    structlog.get_logger().error("failed", exc_info=True)
    structlog.get_logger().error("failed", exc_info=None, stack_info=True)
    for line in lines():
        assert "error" not in line
        assert "where" not in line


def test_libraries_speak_json_too_without_their_arguments(lines, output):
    logging.getLogger("aiohttp.server").error("Error handling request from %s", PERSON)
    logging.getLogger("x").log(35, "an odd level")
    logging.getLogger("x").info("not worth a line")
    first, second = lines()
    assert (first["event"], first["logger"], first["level"]) == (
        "Error handling request from %s",
        "aiohttp.server",
        "error",
    )
    assert second["level"] == "warning"
    assert "59170009999" not in output.getvalue()


def test_warnings_are_lines(lines):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert lines()[0]["logger"] == "py.warnings"


def test_the_access_log_is_off(lines):
    logging.getLogger("aiohttp.access").error("GET /in/secret")
    assert lines() == []


def test_debug_is_not_written(lines):
    structlog.get_logger().debug("detail")
    assert lines() == []


def test_a_flood_of_one_line_does_not_fill_the_disk(lines, clock):
    for _ in range(1000):
        structlog.get_logger().warning("webhook refused", channel="twilio", reason="signature")
    structlog.get_logger().warning("webhook refused", channel="at", reason="signature")
    said = lines()
    assert len(said) == 101
    assert "more" in said[99]
    clock.advance(seconds=10)
    structlog.get_logger().warning("webhook refused", channel="twilio", reason="signature")
    assert len(lines()) == 102


def test_a_flood_of_a_librarys_line_is_one_line(lines, clock):
    for error in (OSError(), OSError(), ValueError()):
        for _ in range(50):
            logging.getLogger("asyncio").error("socket.accept() out of system resource", exc_info=error)
    assert [line["error"] for line in lines()] == ["OSError", "ValueError"]
    clock.advance(seconds=10)
    logging.getLogger("asyncio").error("socket.accept() out of system resource", exc_info=OSError())
    assert len(lines()) == 3


async def test_an_exception_that_nobody_caught_is_a_line(lines, output):
    async def work():
        raise ValueError(f"{PERSON} hola vecina")

    task = asyncio.create_task(work())
    await asyncio.wait({task})
    message = {"message": "Task exception was never retrieved", "exception": task.exception(), "future": task}
    asyncio.get_running_loop().call_exception_handler(message)
    (line,) = lines()
    assert (line["logger"], line["event"]) == ("asyncio", "Task exception was never retrieved")
    assert (line["error"], line["where"][-1].split()[-1]) == ("ValueError", "work")
    assert "59170009999" not in output.getvalue()
    assert "hola" not in output.getvalue()
