"""How well two hundred texts as residents write them are understood. The floors only ever rise."""

# ruff: noqa: T201  who runs this with -s reads how well it goes

import json
from collections import Counter
from pathlib import Path

import pytest

from dialogs.understand import answers, categories, codes, keywords, numbers, places, safety

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "dev.jsonl"

pytestmark = pytest.mark.skipif(not CORPUS.is_file(), reason="the labelled texts in ../shared/corpus are not here")

#: Intents that a command answers to, whatever is pending.
COMMANDS = {"help", "stop", "start", "agent", "greeting", "thanks", "language", "cancel", "status"}


@pytest.fixture(scope="module")
def corpus():
    return [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]


def test_categories_reach_the_floor(la_paz, corpus):
    reports = [(one["category"], categories.guess(one["text"], la_paz)) for one in corpus if one["category"]]
    first = sum(guess.best == category for category, guess in reports) / len(reports)
    third = sum(category in guess.top for category, guess in reports) / len(reports)
    sure = [(category, guess) for category, guess in reports if guess.sure]
    right = sum(guess.best == category for category, guess in sure) / len(sure)
    print(
        f"category: top-1 {first:.3f}, top-3 {third:.3f}, sure {len(sure) / len(reports):.3f}, of those right {right:.3f}"
    )
    assert first >= 0.95
    assert third >= 0.98
    assert right >= 0.95


def test_every_code_is_read_and_none_invented(corpus):
    wrong = [one["text"] for one in corpus if codes.find(one["text"]) != ((one["code"],) if one.get("code") else ())]
    assert wrong == []


def test_nobody_is_opted_out_by_mistake_and_nobody_overheard(la_paz, corpus):
    stops = {one["text"]: one["intent"] == "stop" for one in corpus}
    heard = {text: keywords.command(text, la_paz) == "stop" for text in stops}
    assert heard == stops


def test_no_report_is_taken_for_a_command(la_paz, corpus):
    taken = [one["text"] for one in corpus if one["intent"] == "report" and keywords.command(one["text"], la_paz)]
    assert taken == []


def test_commands_reach_the_floor(la_paz, corpus):
    right = Counter()
    count = Counter()
    for one in corpus:
        if one["intent"] in COMMANDS and not one.get("code"):
            count[one["intent"]] += 1
            heard = keywords.command(one["text"], la_paz)
            right[one["intent"]] += heard == one["intent"] or (heard, one["intent"]) == ("callback", "agent")
    print("commands:", {name: f"{right[name]}/{count[name]}" for name in sorted(count)})
    assert right.total() / count.total() >= 0.95


def test_answers_are_heard(la_paz, corpus):
    for one in corpus:
        note = one["notes"]
        if one["intent"] in {"confirm_yes", "confirm_no"}:
            assert answers.verdict(one["text"], la_paz) == one["intent"].removeprefix("confirm_"), one["text"]
        if "option=" in note:
            assert numbers.choice(one["text"], 9) == int(note[-1]), one["text"]
        if "value=" in note:
            assert numbers.rating(one["text"]) == int(note[-1]), one["text"]
        if "resolved=" in note:
            expected = {"yes": "yes", "no": "no", "partial": "half"}[note.partition("resolved=")[2]]
            assert answers.verdict(one["text"], la_paz) == expected, one["text"]


def test_every_sensitive_text_is_heard(corpus):
    assert [one["text"] for one in corpus if one["sensitive"] and not safety.sensitive(one["text"])] == []
    alarms = sum(safety.sensitive(one["text"]) and not one["sensitive"] for one in corpus)
    print(f"sensitive: {alarms} false alarms")
    assert alarms <= 1


def test_emergencies_are_mostly_heard_and_seldom_invented(corpus):
    walls = [safety.emergency(one["text"]) for one in corpus if one["category"] == "muros_taludes"]
    others = [safety.emergency(one["text"]) for one in corpus if one["category"] != "muros_taludes"]
    print(f"emergency: {sum(walls)}/{len(walls)} of walls and slopes, {sum(others)}/{len(others)} of all else")
    assert sum(walls) / len(walls) >= 0.9
    assert sum(others) <= 6


def test_places_are_found_in_texts(la_paz, corpus):
    found = [place.name for one in corpus if (place := places.find(one["text"], la_paz))]
    print(f"places: {len(found)} of {len(corpus)} texts name one we know")
    assert len(found) >= 30
