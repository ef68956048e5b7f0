"""``barrio spending`` at the keyboard."""

from dataclasses import replace

from store import brakes
from store.brakes import Spent


def spend(terminal, day="2026-03-02", **more):
    at = terminal.clock.now()
    scopes = {"channel demo": Spent(messages=3, segments=420, slowed_at=at), "country +591": Spent(segments=420)}
    scopes |= {"broadcast 7": Spent(segments=400), "prefix +5917000": Spent(messages=3, segments=420)}
    terminal.do(lambda tx: brakes.spend(tx, day, scopes | more) and None)


def braked(terminal, **limits):
    changed = terminal.config.limits.model_copy(update=limits)
    terminal.config = replace(terminal.config, limits=changed)


def test_a_day_without_a_message(terminal):
    said = terminal.json("spending")
    assert (said["day"], said["segments"]) == ("2026-03-02", 0)
    assert [one["what"] for one in said["caps"]] == ["channel demo", "country +591", "country abroad"]
    assert "0 segments, about 0" in terminal.says("spending")


def test_what_was_spent_and_what_waits_for_it(terminal):
    braked(terminal, channels={"demo": 500})
    spend(terminal)
    said = terminal.json("spending")
    assert (said["segments"], said["cost"], said["currency"]) == (420, "117.60", "BOB")
    line = said["caps"][0]
    assert (line["used"], line["cap"], line["percent"], line["counts"]) == (420, 500, 84, "segments")
    assert (line["held"], line["stopped_at"]) == (["broadcast"], None)
    assert line["slowed_at"].startswith("2026-03-02T")
    lines = terminal.says("spending").splitlines()
    assert lines[0] == "2026-03-02: 420 segments, about 117.60 BOB"
    assert lines[2].split() == [
        "line",
        "demo",
        "420",
        "500",
        "84",
        "%",
        "segments",
        "broadcasts",
        "wait",
        "since",
        "10:00",
    ]
    assert lines[-1].split() == ["numbers", "+5917000xxxx", "3", "20,000", "0", "%", "messages"]


def test_nothing_goes_any_more(terminal):
    braked(terminal, channels={"demo": 420})
    spend(terminal, **{"channel demo": Spent(segments=420, stopped_at=terminal.clock.now())})
    assert "nothing goes since 10:00" in terminal.says("spending")


def test_what_was_held_before_the_cap_was_raised(terminal):
    spend(terminal)
    assert "something was held since 10:00" in terminal.says("spending")


def test_another_day(terminal):
    spend(terminal, "2026-02-28")
    assert terminal.json("spending", "--day", "2026-02-28")["segments"] == 420
    assert terminal.json("spending")["segments"] == 0
    assert terminal.refuses("spending", "--day", "yesterday") == "--day is a date as 2026-03-02"
