"""``barrio evaluate``: labelled texts in, totals out; what is not labelled is not counted."""

import json

import pytest

from gateway.evaluation.rows import Unreadable, read


@pytest.fixture
def evaluate(desktop, tmp_path):
    def _evaluate(*rows, words=("--json",)):
        file = tmp_path / "texts.jsonl"
        file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return desktop.type("evaluate", str(file), *words)

    return _evaluate


def totals(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_each_label_is_counted_where_there_is_one(evaluate):
    found = totals(
        evaluate(
            {"text": "no hay agua en la calle 5", "intent": "report", "category": "agua"},
            {"text": "STOP", "intent": "stop"},
            {"text": "no hay agua", "category": "basura"},
            {"text": "estado 482105930", "intent": "status", "code": "482105930"},
            {"text": "cod 48210593E", "code": None},
        )
    )
    assert (found["n"], found["codes"], found["places"]) == (5, 1.0, None)
    assert found["intent"] == {"with_state": 1.0, "without_state": 1.0}
    assert found["category"] == {"top1": 0.5, "top3": 0.5}
    assert found["confused"] == {
        "intent": [],
        "category": [{"label": "basura", "read_as": "agua", "count": 1}],
    }


def test_the_question_that_waited_is_a_note_of_the_row(evaluate):
    found = totals(
        evaluate(
            {"text": "2", "intent": "menu", "notes": "ctx=menu option=2"},
            {"text": "si", "intent": "confirm_yes", "notes": "ctx=confirm; short"},
            {"text": "no", "intent": "confirm_no", "notes": "ctx=confirm"},
            {"text": "pesimo 1", "intent": "survey_reply", "notes": "ctx=survey value=1"},
        )
    )
    assert found["intent"]["with_state"] == 1.0


def test_an_opt_out_by_mistake_and_a_sensitive_text_that_was_missed_are_counted(evaluate):
    found = totals(
        evaluate(
            {"text": "alto", "intent": "thanks"},
            {"text": "hola que tal", "intent": "greeting", "sensitive": True},
            {"text": "me pidio coima", "sensitive": True},
        )
    )
    assert (found["stop_false_positives"], found["sensitive_missed"]) == (1, 1)


def test_a_place_is_known_by_its_name_or_by_the_zone_of_the_notes(evaluate):
    found = totals(
        evaluate(
            {"text": "sin agua en Alto Tacagua", "place": "Alto Tacagua"},
            {"text": "sin agua en alto tacagua ase 2 dias", "notes": "zona=Alto Tacagua"},
            {"text": "sin agua", "place": "Alto Tacagua"},
        )
    )
    assert found["places"] == pytest.approx(2 / 3)


def test_explained_it_says_of_every_text_what_was_made_of_it(evaluate):
    found = totals(evaluate({"text": "no hay agua", "intent": "status"}, words=("--json", "--explain")))
    [one] = found["texts"]
    assert (one["line"], one["intent"], one["rule"], one["categories"]) == (1, "report", "report", ["agua"])
    assert one["wrong"] == ["intent report, not status", "without state report, not status"]


def test_people_read_a_table_and_what_went_wrong(evaluate):
    said = evaluate(
        {"text": "no hay agua", "intent": "status", "category": "otro"},
        {"text": "hola", "intent": "greeting"},
        words=("--explain",),
    ).output
    assert "intent, the waiting question known" in said
    assert "50.0%" in said
    assert "1: 'no hay agua'" in said
    assert "category agua, not otro" in said
    assert "hola" not in said


def test_nothing_labelled_is_nothing_said(evaluate):
    assert totals(evaluate({"text": "hola"}))["intent"] == {"with_state": None, "without_state": None}
    assert "-" in evaluate({"text": "hola"}, words=()).output


@pytest.mark.parametrize(
    ("line", "what"),
    [("{", "line 2 is not JSON"), ("[]", 'line 2 has no "text"'), ('{"text": 1}', 'line 2 has no "text"')],
)
def test_a_line_that_is_no_text_is_named(desktop, tmp_path, line, what):
    file = tmp_path / "texts.jsonl"
    file.write_text('{"text": "hola"}\n' + line, encoding="utf-8")
    result = desktop.type("evaluate", str(file))
    assert result.exit_code == 1
    assert what in result.output
    with pytest.raises(Unreadable):
        list(read(file))


def test_blank_lines_are_passed_over(tmp_path):
    file = tmp_path / "texts.jsonl"
    file.write_text('\n{"text": "hola"}\n\n', encoding="utf-8")
    assert [row.number for row in read(file)] == [2]
