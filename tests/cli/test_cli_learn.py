"""``barrio learn``: the texts of the city's folder, or those that are named, become learned.json."""

import json
from dataclasses import replace

import pytest

ROWS = [
    {"text": "nos quedamos secos", "category": "agua", "sensitive": False},
    {"text": "secos otra vez en la casa", "category": "agua", "sensitive": False},
    {"text": "cosas raras en la noche", "category": "otro", "sensitive": False},
    {"text": "me pidio algo para su refresco", "category": "otro", "sensitive": True},
    {"text": "otra cosa rara en la esquina", "category": "otro"},
]


@pytest.fixture
def town(desktop, tmp_path):
    texts = tmp_path / "city" / "texts"
    texts.mkdir(parents=True)
    (texts / "one.jsonl").write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    return replace(desktop, config=replace(desktop.config, city_folder=tmp_path / "city"))


def test_it_learns_from_the_citys_texts(town, tmp_path):
    result = town.type("learn", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.output) == {"n": 5, "file": str(tmp_path / "city" / "learned.json")}
    learned = json.loads((tmp_path / "city" / "learned.json").read_text(encoding="utf-8"))
    assert {"agua", "otro"} <= learned["categories"]["bias"].keys()


def test_what_is_no_report_teaches_what_is_no_secret(town, tmp_path):
    rows = [
        {"text": "borralo nomas refresco", "intent": "cancel"},
        {"text": "cosas raras refresco", "intent": "report"},
    ]
    weights = []
    for more in ([], rows[1:], rows):
        (tmp_path / "city" / "texts" / "two.jsonl").write_text("\n".join(map(json.dumps, more)), encoding="utf-8")
        assert town.type("learn").exit_code == 0
        learned = json.loads((tmp_path / "city" / "learned.json").read_text(encoding="utf-8"))
        weights.append(learned["sensitive"])
    assert weights[0] == weights[1] != weights[2]


def test_it_says_how_well_it_guesses_what_it_did_not_learn_from(town):
    said = town.type("learn", "--judge").output
    assert "by the city's words" in said
    assert "with what was learnt from the others" in said


def test_it_learns_from_the_files_that_are_named(town, tmp_path):
    file = tmp_path / "more.jsonl"
    file.write_text(json.dumps(ROWS[0]), encoding="utf-8")
    assert json.loads(town.type("learn", str(file), "--json").output)["n"] == 1


@pytest.mark.parametrize(
    ("written", "what"), [("{", "line 1 is not JSON"), ('{"text": "hola"}', "there is nothing to learn from")]
)
def test_what_teaches_nothing_is_refused(town, tmp_path, written, what):
    file = tmp_path / "more.jsonl"
    file.write_text(written, encoding="utf-8")
    result = town.type("learn", str(file))
    assert result.exit_code == 1
    assert what in result.output
