"""Cases from the command line: what each act does, says, keeps, and refuses. On both engines."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dialogs.messages import Consent
from dialogs.understand import codes
from gateway.clock import with_check_digit
from gateway.work.casework import REPLY_MOST
from store import cases, contacts, schema

CODE = "482105930"
SHOWN = "482-105-930"
PHONE = "+59170000001"
TEXT = "no hay luz en mi calle en Alto Tacagua"
NOBODYS = with_check_digit("48299999")


def events(terminal, code=CODE):
    return [(event["actor"], event["what"]) for event in terminal.json("case", "show", code)["events"]]


def test_filing_for_somebody_gives_a_code_a_date_and_a_receipt(terminal):
    said = terminal.says("case", "open", "--for", "70000001", "--text", TEXT)
    assert said == (
        f"{SHOWN} (Luz de la calle, Alto Tacagua) is received.\n"
        "An answer is promised by 11 Mar 2026.\n"
        "The resident will be told by SMS.\n"
    )
    [(number, receipt)] = terminal.queued()
    assert number == PHONE
    assert receipt.startswith(f"Caso {SHOWN} recibido. Luz de la calle, Alto Tacagua.")
    assert terminal.acts() == [("cli:rosa", "case.opened", CODE)]
    assert terminal.rows("outbound", "kind", "state") == [("reply", "queued")]


def test_what_case_show_gives_to_a_program(terminal):
    terminal.open()
    assert terminal.json("case", "show", SHOWN) == {
        "code": CODE,
        "kind": "grievance",
        "status": "received",
        "category": "alumbrado",
        "place": "alto-tacagua",
        "location_text": "",
        "confidential": False,
        "resolution_no": 0,
        "rating": None,
        "supporters": 0,
        "channel": "office",
        "opened_at": "2026-03-02T14:00:00Z",
        "due_at": "2026-03-11T22:30:00Z",
        "outcome": None,
        "events": [
            {
                "seq": 1,
                "at": "2026-03-02T14:00:00Z",
                "actor": "cli:rosa",
                "what": "opened",
                "data": {"status": "received", "channel": "office", "category": "alumbrado"},
            }
        ],
        "messages": [
            {
                "direction": "out",
                "channel": "demo",
                "text": terminal.queued()[0][1],
                "status": "queued",
                "at": "2026-03-02T14:00:00Z",
            }
        ],
    }


def test_case_list_gives_the_same_without_events_and_messages(terminal):
    code = terminal.open()
    whole = terminal.json("case", "show", code)
    assert terminal.json("case", "list") == [
        {name: value for name, value in whole.items() if name not in {"events", "messages"}}
    ]


def test_somebody_without_a_telephone_gets_no_receipt(terminal):
    said = terminal.says("case", "open", "--text", TEXT)
    assert "Nobody is told: this case has no telephone number." in said
    assert terminal.queued() == []


def test_without_a_telephone_a_resolution_asks_nobody(terminal):
    terminal.open(number=None)
    said = terminal.says("case", "resolve", CODE, "--reply", "listo")
    assert "Nobody is told: this case has no telephone number." in said
    assert terminal.rows("followups", "kind") == [("close",)]


def test_what_is_said_wins_over_what_is_understood(terminal):
    words = ["--category", "basura", "--place", "obrajes", "--language", "en", "--for", PHONE]
    filed = terminal.json("case", "open", "--text", TEXT, *words)
    assert (filed["category"], filed["place"], filed["told"]) == ("basura", "obrajes", "by_sms")
    [(_, receipt)] = terminal.queued()
    assert receipt.startswith(f"We have your case {SHOWN}. Garbage, Obrajes.")


def test_the_place_is_remembered_with_the_person(terminal):
    terminal.open()
    [place] = terminal.rows("contacts", "place")
    assert place == ("alto-tacagua",)


@pytest.mark.parametrize("words", [["--confidential", "--text", TEXT], ["--text", "mi esposo me pega"]])
def test_of_a_confidential_case_messages_name_nothing(terminal, words):
    filed = terminal.json("case", "open", "--for", PHONE, *words)
    assert filed["confidential"] is True
    terminal.says("case", "resolve", CODE, "--reply", "se cambio el foco")
    for _, text in terminal.queued():
        assert SHOWN in text
        assert not any(word in text for word in ("Luz", "Tacagua", "Seguridad", "foco"))
    assert "confidential" in terminal.says("case", "list")


def test_reading_a_confidential_case_stands_in_the_audit_log(terminal):
    terminal.json("case", "open", "--text", TEXT, "--confidential")
    terminal.says("case", "show", CODE, "--as", "Ana")
    assert terminal.acts()[-1] == ("Ana", "case.read", CODE)


def test_reading_an_ordinary_case_does_not(terminal):
    terminal.open()
    terminal.says("case", "show", CODE)
    assert terminal.acts() == [("cli:rosa", "case.opened", CODE)]


def test_a_case_from_its_beginning_to_its_end(terminal):
    terminal.open()
    assert "is assigned." in terminal.says("case", "assign", SHOWN, "--to", "Cuadrilla 3", "--as", "Ana")
    assert "is in_progress." in terminal.says("case", "start", SHOWN, "--as", "Luis")
    assert "is resolved." in terminal.says("case", "resolve", SHOWN, "--reply", "se cambio el poste", "--as", "Luis")
    assert events(terminal) == [
        ("cli:rosa", "opened"),
        ("Ana", "assigned"),
        ("Luis", "started"),
        ("Luis", "resolved"),
    ]
    assert terminal.acts() == [
        ("cli:rosa", "case.opened", CODE),
        ("Ana", "case.assigned", CODE),
        ("Luis", "case.started", CODE),
        ("Luis", "case.resolved", CODE),
    ]
    assert "Cuadrilla 3" in terminal.says("case", "list")
    assert terminal.do(lambda tx: cases.broken_chain(tx, 1)) is None


def test_a_resolution_tells_the_resident_and_plans_the_question(terminal):
    terminal.open()
    said = terminal.says("case", "resolve", CODE, "--reply", "  se cambio\n el poste ")
    assert said == f"{SHOWN} (Luz de la calle, Alto Tacagua) is resolved.\nThe resident will be told by SMS.\n"
    _, (number, notice) = terminal.queued()
    assert number == PHONE
    assert "se cambio el poste" in notice
    assert terminal.rows("outbound", "kind")[-1] == ("notice",)
    assert sorted(terminal.rows("followups", "kind", "resolution_no", "status")) == [
        ("close", 1, "waiting"),
        ("confirm", 1, "waiting"),
    ]


def test_a_resolution_given_twice_is_given_once(terminal):
    terminal.open()
    terminal.says("case", "resolve", CODE, "--reply", "listo")
    said = terminal.says("case", "resolve", CODE, "--reply", "listo")
    assert said == f"{SHOWN} (Luz de la calle, Alto Tacagua) is so already: resolved.\n"
    assert len(terminal.queued()) == 2
    assert len(terminal.rows("followups", "id")) == 2
    assert [act for _, act, _ in terminal.acts()] == ["case.opened", "case.resolved"]


@pytest.mark.parametrize(
    "act",
    [
        ("assign", "--to", "Ana"),
        ("start",),
        ("plan", "--until", "2026-04-01"),
        ("resolve", "--reply", "listo"),
        ("not-competent", "--body", "ABC"),
    ],
    ids=lambda act: act[0],
)
def test_an_act_done_again_changes_nothing(terminal, act):
    terminal.open()
    name, *words = act
    terminal.says("case", name, CODE, *words)
    before = (events(terminal), terminal.acts(), terminal.queued(), terminal.rows("promises", "due_at"))
    assert "is so already:" in terminal.says("case", name, CODE, *words)
    assert (events(terminal), terminal.acts(), terminal.queued(), terminal.rows("promises", "due_at")) == before


def test_reopening_takes_the_resolution_back(terminal):
    terminal.open()
    terminal.says("case", "resolve", CODE, "--reply", "listo")
    terminal.clock.advance(days=1)
    assert "is reopened." in terminal.says("case", "reopen", CODE)
    assert "is so already" in terminal.says("case", "reopen", CODE)
    case = terminal.json("case", "show", CODE)
    assert (case["status"], case["resolution_no"], case["due_at"]) == ("reopened", 1, "2026-03-06T22:30:00Z")
    assert {status for _, status in terminal.rows("followups", "kind", "status")} == {"cancelled"}
    assert terminal.queued()[-1][1].startswith(f"Caso {SHOWN}: lo volvimos a abrir.")
    assert [reason for (reason,) in terminal.rows("promises", "reason")] == ["opened", "reopened"]


def test_resolving_again_is_a_new_resolution(terminal):
    terminal.open()
    terminal.says("case", "resolve", CODE, "--reply", "listo")
    terminal.says("case", "reopen", CODE)
    terminal.says("case", "resolve", CODE, "--reply", "listo")
    assert terminal.json("case", "show", CODE)["resolution_no"] == 2
    assert sorted(terminal.rows("followups", "resolution_no", "kind", "status")) == [
        (1, "close", "cancelled"),
        (1, "confirm", "cancelled"),
        (2, "close", "waiting"),
        (2, "confirm", "waiting"),
    ]


def test_a_plan_is_a_new_promise_beside_the_old_one(terminal):
    terminal.open()
    assert "promised by 01 Apr 2026" in terminal.says("case", "plan", CODE, "--until", "2026-04-01")
    assert terminal.json("case", "show", CODE)["due_at"] == "2026-04-01T22:30:00Z"
    assert [reason for (reason,) in terminal.rows("promises", "reason")] == ["opened", "planned"]


def test_another_body_answers_for_it(terminal):
    terminal.open()
    assert "is not_competent." in terminal.says("case", "not-competent", CODE, "--body", "ABC")
    assert "ABC" in terminal.queued()[-1][1]
    assert terminal.rows("followups", "id") == []


def test_of_a_confidential_case_the_body_is_told_by_voice(terminal):
    terminal.json("case", "open", "--text", TEXT, "--confidential", "--for", PHONE)
    assert "call instead" in terminal.says("case", "not-competent", CODE, "--body", "ABC")
    assert len(terminal.queued()) == 1


def test_a_note_is_for_colleagues(terminal):
    terminal.open()
    terminal.says("case", "note", CODE, "--text", "hablar con EPSAS", "--as", "Ana")
    assert "Ana: hablar con EPSAS" in terminal.says("case", "show", CODE)
    assert len(terminal.queued()) == 1
    assert "EPSAS" not in json.dumps(terminal.json("case", "show", CODE))


def test_who_wants_no_messages_is_not_told(terminal):
    terminal.open()
    now = terminal.clock.now()
    terminal.do(lambda tx: contacts.consent(tx, 1, Consent.OUT, "test", now))
    said = terminal.says("case", "resolve", CODE, "--reply", "listo")
    assert "Nobody is told: this person wants no messages." in said


def test_residents_words_and_numbers_are_not_in_the_audit_log(terminal):
    terminal.open(text="mi vecino Eusebio tira basura en Achumani")
    terminal.says("case", "note", CODE, "--text", "Eusebio niega")
    terminal.says("case", "resolve", CODE, "--reply", "hablamos con Eusebio")
    told = json.dumps(terminal.rows("audit", "actor", "act", "subject", "data"))
    told += json.dumps(terminal.rows("case_events", "actor", "what", "data"))
    assert "Eusebio" not in told
    assert "7000" not in told


REFUSED = {
    "a code that is none": (("show", "12345"), "this is not a tracking code: nine digits, like 482-105-930"),
    "a code with a typo": (
        ("show", "482-105-931"),
        "this is not a tracking code: one digit is wrong, or two have changed places",
    ),
    "a code of nobody": (("show", NOBODYS), f"there is no case {codes.show(NOBODYS)}"),
    "an empty reply": (("resolve", CODE, "--reply", " \n "), "a resolution says in words what was done"),
    "a reply like a letter": (
        ("resolve", CODE, "--reply", "x" * (REPLY_MOST + 1)),
        f"too long: {REPLY_MOST + 1} characters, at most {REPLY_MOST}",
    ),
    "nobody to do it": (("assign", CODE, "--to", " "), "say to whom"),
    "a note without words": (("note", CODE, "--text", " "), "a note has words"),
    "no body": (("not-competent", CODE, "--body", ""), "say which body answers for it"),
    "a body with a long name": (("not-competent", CODE, "--body", "x" * 41), "too long: 41 characters, at most 40"),
    "a date that is past": (("plan", CODE, "--until", "2026-03-01"), "the date must lie in the future"),
    "reopening what is open": (("reopen", CODE), f"{SHOWN}: a case that is received cannot become reopened"),
    "filing nothing": (("open", "--text", " "), "say in words what it is about"),
    "a number that is none": (
        ("open", "--text", TEXT, "--for", "4040"),
        "this is not a telephone number: write it like +59170000001",
    ),
    "a language that we do not speak": (
        ("open", "--text", TEXT, "--for", PHONE, "--language", "qu"),
        "this language is not offered: es, en",
    ),
    "a place that is none": (
        ("open", "--text", TEXT, "--place", "Kathmandu"),
        "there is no such place: Kathmandu; write a zone or barrio as in city/places.yaml",
    ),
    "a list of a place that is none": (
        ("list", "--place", "Kathmandu"),
        "there is no such place: Kathmandu; write a zone or barrio as in city/places.yaml",
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_one_line_and_changes_nothing(desktop, case):
    desktop.open()
    words, line = case
    before = (desktop.acts(), desktop.queued(), desktop.rows("cases", "status"))
    assert desktop.refuses("case", *words) == line
    assert (desktop.acts(), desktop.queued(), desktop.rows("cases", "status")) == before


def test_a_category_that_is_none_is_answered_with_those_there_are(desktop):
    line = desktop.refuses("case", "open", "--text", TEXT, "--category", "luz")
    assert line.startswith("there is no category luz; there are: agua, ")


def test_a_relabel_says_what_the_case_is_now_about_and_tells_nobody(terminal):
    terminal.open()
    before = terminal.queued()
    words = ["case", "relabel", SHOWN, "--category", "basura", "--place", "Sopocachi", "--as", "Ana"]
    said = f"{SHOWN} (Basura, Sopocachi) is received.\nAn answer is promised by 11 Mar 2026.\n"
    assert terminal.says(*words) == said
    again = terminal.json(*words)
    assert (again["category"], again["place"], again["told"]) == ("basura", "sopocachi", "nothing_to_tell")
    assert terminal.queued() == before
    assert terminal.acts()[1:] == [("Ana", "case.relabelled", CODE)]
    assert [case["code"] for case in terminal.json("case", "list", "--unit", "Aseo Urbano")] == [CODE]


def test_a_relabel_to_nothing_that_there_is_names_what_is_near(desktop):
    desktop.open()
    line = desktop.refuses("case", "relabel", SHOWN, "--category", "bassura")
    assert line == "there is no category bassura; did you mean basura?"


def test_a_case_is_merged_with_another_and_taken_out_again(terminal):
    first, second = terminal.open(), terminal.open("el poste no alumbra en Alto Tacagua", "+59170000002")
    said = terminal.says("case", "merge", second, "--into", first, "--as", "Ana")
    assert "is duplicate.\nThe resident will be told by SMS.\n" in said
    counted = {one["code"]: (one["status"], one["supporters"]) for one in terminal.json("case", "list")}
    assert counted == {first: ("received", 1), second: ("duplicate", 0)}
    assert f"  same as    {SHOWN}\n" in terminal.says("case", "show", second)
    assert terminal.says("doctor") == "All is well.\n"
    assert terminal.json("case", "split", second)["status"] == "reopened"
    assert "same as" not in terminal.says("case", "show", second)
    assert terminal.json("case", "show", first)["supporters"] == 0
    assert [act for _, act, _ in terminal.acts()[2:]] == ["case.merged", "case.split"]


def test_a_move_that_cannot_be_is_refused(desktop):
    desktop.open()
    desktop.says("case", "resolve", CODE, "--reply", "listo")
    assert desktop.refuses("case", "start", CODE) == f"{SHOWN}: a case that is resolved cannot become in_progress"
    assert desktop.refuses("case", "resolve", CODE, "--reply", "otra cosa").endswith("cannot become resolved")


def test_lists_can_be_narrowed(terminal):
    luz, agua = terminal.open(), terminal.open("no hay agua en Obrajes")
    terminal.says("case", "resolve", luz, "--reply", "listo")

    def listed(*words):
        return [case["code"] for case in terminal.json("case", "list", *words)]

    assert listed() == [agua, luz]  # by the date promised
    assert listed("--status", "resolved") == [luz]
    assert listed("--place", "Obrajes") == listed("--place", "obrajes") == [agua]
    assert listed("--unit", "Alumbrado Público") == [luz]
    assert listed("--late") == []
    terminal.clock.advance(timedelta(days=30))
    assert listed("--late") == [agua]
    assert "late" in terminal.says("case", "list")


def test_people_see_what_is_open_before_what_is_over(desktop):
    over, still = desktop.open(), desktop.open("no hay agua en Obrajes", "+59170000002")
    desktop.says("case", "resolve", over, "--reply", "listo")
    desktop.do(lambda tx: tx.execute(sa.update(schema.cases).values(priority=True)))
    desktop.do(lambda tx: tx.execute(sa.update(schema.cases).values(due_at=desktop.clock.now())))
    assert [row["code"] for row in desktop.json("case", "list")] == [over, still]
    _, first, last = desktop.says("case", "list").splitlines()
    assert (first[:11], last[:11]) == (codes.show(still), codes.show(over))
    assert "first" in first
    assert "first" not in last


def test_a_long_list_is_cut_for_people_only(desktop, monkeypatch):
    monkeypatch.setattr("gateway.cli.case.SHOWN", 2)
    for _ in range(3):
        desktop.open()
    assert desktop.says("case", "list").endswith("… and 1 more: --all\n")
    assert len(desktop.says("case", "list", "--all").splitlines()) == 4
    assert len(desktop.json("case", "list")) == 3


def test_no_cases_is_said(desktop):
    assert desktop.says("case", "list") == "No cases.\n"
    assert desktop.json("case", "list") == []


def test_a_code_that_is_taken_meanwhile_is_drawn_anew(terminal):
    first = terminal.open()
    terminal.clock.__init__()  # the dice fall as before
    second = terminal.open()
    assert first == CODE != second


def test_a_page_for_people(desktop):
    desktop.open()
    desktop.says("case", "resolve", CODE, "--reply", "se cambio el poste")
    page = desktop.says("case", "show", CODE)
    assert page.splitlines()[:8] == [
        f"{SHOWN}  Luz de la calle, Alto Tacagua",
        "  status     resolved",
        "  kind       grievance",
        "  text       no hay luz en mi calle en Alto Tacagua",
        "  with       Alumbrado Público",
        "  opened     Mon 02 Mar 2026 10:00, came by office",
        "  promised   11 Mar 2026",
        "  reply      se cambio el poste",
    ]
    assert "\n  Mon 02 Mar 2026 10:00  cli:rosa: resolved\n" in page
    assert "< Caso 482-" in page
    assert page.rstrip().endswith("[demo, queued]")
