"""Words that are wrong in one way each: what ``barrio check`` says of each, word for word.

All faults are put into one copy of the words, each into a file of its own, and examined together.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dialogs.book import BOOK
from dialogs.effects import LabelKind, Option
from dialogs.nodes import Choose, End
from gateway import wording
from gateway.city import load_words
from gateway.config import HOME, load
from gateway.findings import Level
from gateway.outbound.render import Renderer

ERROR, WARNING = Level.ERROR, Level.WARNING
CONFIG = """\
service: {name: Barrio Digital, country: BO, timezone: America/La_Paz, languages: [es, en], public_url: "http://localhost:8080"}
store: {url: "sqlite:///unused.db"}
channels: {demo: {provider: simulator, kind: sms, address: "4040"}}
"""
CODE = "{{ code | code }}"
CHANGED = (WARNING, "the es words changed after this was translated")

#: What is broken: in which file, what stands there instead (None: the file is gone), and all that is said of that file.
BROKEN = {
    "a text that is in one language only": (
        "en/note/done.j2",
        None,
        [(ERROR, "is not there")],
    ),
    "a text without a word": (
        "en/confirm/thanks.j2",
        "{# soon #}",
        [(ERROR, "says nothing")],
    ),
    "a text that no dialog says": (
        "es/report/dog.j2",
        "Guau",
        [(WARNING, "is said by nothing")],
    ),
    "a brace too few": (
        "en/start/done.j2",
        "Done {{ service }",
        [(ERROR, "cannot be read: line 1: unexpected '}'")],
    ),
    "a condition without an end": (
        "en/stop/done.j2",
        "{% if service %}Done",
        [
            (
                ERROR,
                (
                    "cannot be read: line 1: Unexpected end of template. Jinja was looking for the following tags: 'elif' or"
                    " 'else' or 'endif'. The innermost block that needs to be closed is 'if'."
                ),
            )
        ],
    ),
    "bytes that are no text": (
        "en/safety/bye.j2",
        b"caf\xe9",
        [(ERROR, "cannot be read: it is not UTF-8")],
    ),
    "a value with a slip of the pen": (
        "en/cancel/withdrawn.j2",
        "Case {{ cod | code }} is taken back.",
        [
            (ERROR, 'names the value "cod", which it is not given'),
            (WARNING, 'does not say "code", which es says'),
        ],
    ),
    "a value in a branch that is seldom taken": (
        "en/status/stranger.j2",
        f"Case {CODE}: {{{{ status | status }}}}. {{{{ updated | day }}}}{{% if false %}}{{{{ reporter }}}}{{% endif %}}",
        [(ERROR, 'names the value "reporter", which it is not given')],
    ),
    "a filter that is not there": (
        "en/notice/reopened.j2",
        f"Case {CODE}: opened again. New date: {{{{ due | date }}}}.",
        [(ERROR, 'names the filter "date", which is not there')],
    ),
    "a hotline that is not there": (
        "en/person/done.j2",
        f"Code {CODE}. In an emergency call {{{{ hotlines.police_force }}}}.",
        [(ERROR, 'names the hotline "police_force", which is not there')],
    ),
    "a hotline named by an index": (
        "en/safety/called.j2",
        'Good. {{ hotlines["nurse"] }}',
        [(ERROR, 'names the hotline "nurse", which is not there')],
    ),
    "a test that is not there": (
        "en/common/miss.j2",
        "Not understood.{% if service is long %}{% endif %}",
        [(ERROR, "cannot be said (en/common/miss: TemplateRuntimeError)")],
    ),
    "a value that fails where it is said": (
        "en/notice/resolved_quiet.j2",
        f"Case {CODE} is solved, {{{{ code | day }}}}",
        [(ERROR, "cannot be said (en/notice/resolved_quiet: AttributeError)")],
    ),
    "a value that is not always known": (
        "en/report/thanks.j2",
        f"Code {CODE}. {{{{ category | category }}}}, {{{{ place | place }}}}. Answer by {{{{ due | day }}}}. {{{{ fix or 0 }}}}",
        [
            (ERROR, 'says "category" also where it is not known'),
            (ERROR, 'says "place" also where it is not known'),
        ],
    ),
    "a date that fails where there is none": (
        "en/status/own.j2",
        (
            f"Case {CODE}{{% if category %}} ({{{{ category | category }}}}){{% endif %}}: {{{{ status | status }}}}."
            " Due: {{ due | day }}."
        ),
        [(ERROR, 'says "due" also where it is not known')],
    ),
    "a promise that one language keeps to itself": (
        "en/confirm/reopened.j2",
        f"Understood, it is not mended. Case {CODE} is open again.",
        [(WARNING, 'does not say "due", which es says')],
    ),
    "a value that nobody is told": (
        "es/notice/not_competent.j2",
        f"Caso {CODE}: no corresponde a la Alcaldia.",
        [(WARNING, 'is given "body" and does not say it')],
    ),
    "an answer of two segments": (
        "en/notice/apology.j2",
        "Something went wrong. " * 10,
        [(ERROR, "takes 2 segments at its longest, and may take 1")],
    ),
    "an answer that allows itself two": (
        "es/notice/apology.j2",
        "{# segments: 2 #}\n" + "Tuvimos un problema. " * 10,
        [(ERROR, "takes 2 segments at its longest, and may take 1")],
    ),
    "a notice that takes more than it declares": (
        "es/broadcast/notice.j2",
        "{# segments: 5 #}\n{{ text }}\nPara no recibir avisos, responda BAJA.",
        [(ERROR, "takes 6 segments at its longest, and may take 5")],
    ),
    "too long with the longest place, and only then": (
        "es/report/thanks.j2",
        (
            f"Recibimos su caso {CODE}.{{% if fix %}} {{{{ fix }}}}?{{% endif %}}{{% if category %}} {{{{ category | category }}}}{{% if place %}}, en el barrio de"
            " {{ place | place }}{% endif %}.{% endif %} Respuesta hasta el {{ due | day }}. Para ver como va, envie el codigo."
        ),
        [
            (ERROR, "takes 2 segments at its longest, and may take 1"),
            (ERROR, "takes 164 characters on a USSD screen, which holds 156"),
        ],
    ),
    "too long behind what stands before it": (
        "es/confirm/what_now.j2",
        f"Entendido: quedo a medias. Nos alegra que haya contestado tan pronto. Que hacemos ahora con el caso {CODE}, por favor?",
        [
            (ERROR, "takes 2 segments at its longest, and may take 1 (behind common/unfinished)"),
            (ERROR, "takes 170 characters on a USSD screen, which holds 156 (behind common/miss)"),
        ],
    ),
    "a screen of 157 where an SMS is well": (
        "es/stop/done.j2",
        "x" * 157,
        [(ERROR, "takes 157 characters on a USSD screen, which holds 156")],
    ),
    "an ellipsis that doubles the cost": (
        "es/safety/called.j2",
        "Bien… Le llamara una persona capacitada. Puede borrar estos mensajes cuando quiera.",
        [(WARNING, '"…" is not in GSM-7: with it the message takes 2 segments at its longest, without it 1')],
    ),
    "a curly quote that costs nothing yet": (
        "es/cancel/none.j2",
        "Con “este” numero no hay casos.",
        [
            (WARNING, '"“" is not in GSM-7: with it the message takes 1 segments at its longest, without it 1'),
            (WARNING, '"”" is not in GSM-7: with it the message takes 1 segments at its longest, without it 1'),
        ],
    ),
    "a smile": (
        "es/confirm/thanks.j2",
        "Gracias 😊",
        [(WARNING, '"😊" is not in GSM-7: with it the message takes 1 segments at its longest, without it 1')],
    ),
    "a letter nobody sees": (
        "es/confirm/unrated.j2",
        "Gracias.\u200b El caso quedo cerrado.",
        [(WARNING, "U+200B is not in GSM-7: with it the message takes 1 segments at its longest, without it 1")],
    ),
    "a bracket that takes two places": (
        "es/notices/off.j2",
        "Usted no recibe avisos [BAJA]. Para volver a recibirlos envie ALTA.",
        [(WARNING, '"[" takes two places of the 160'), (WARNING, '"]" takes two places of the 160')],
    ),
    "a sign that no screen shows": (
        "es/start/done.j2",
        "Listo: cuesta 3 £ al mes.",
        [(WARNING, '"£" cannot be shown on a USSD screen, and is missing there')],
    ),
    "a word that carriers keep": (
        "en/notices/on.j2",
        "You get notices of your barrio. To stop them reply STOP.",
        [(ERROR, 'offers "STOP", which carriers act on themselves')],
    ),
    "a word that carriers keep, in small letters": (
        "en/notices/off.j2",
        'You get no notices. To have them again send an SMS with the word "start".',
        [(ERROR, 'offers "START", which carriers act on themselves')],
    ),
    "a word that carriers keep, asked for in Spanish": (
        "es/notices/on.j2",
        "Usted recibe avisos. Para terminar, envíe la palabra cancel.",
        [(ERROR, 'offers "CANCEL", which carriers act on themselves')],
    ),
    "seven choices in the words themselves": (
        "en/language/unchanged.j2",
        "Choose:\n1 a\n2 b\n3 c\n4 d\n5 e\n6 f\n7 g",
        [(ERROR, "shows 7 options at once, and a small screen holds 6")],
    ),
    "a text that changed in the base language": (
        "es/handover/done.j2",
        f"Una persona lo va a leer. Codigo {CODE}.",
        [],
    ),
}

#: The same for what stands in words.yaml, by the line that is put in the place of another.
LABELS = {
    "a label that is not there": ("es", "  half: A medias\n", "", [(ERROR, "es/words.yaml: options", 'has no "half"')]),
    "a label that nothing offers": (
        "en",
        "  half: Partly\n",
        "  half: Partly\n  later: Later\n",
        [(WARNING, "en/words.yaml: options", '"later" is offered by nothing')],
    ),
    "a label with an arrow": (
        "en",
        "  more: More\n",
        "  more: More →\n",
        [
            (
                WARNING,
                "en/words.yaml: options.more",
                '"→" is not in GSM-7: with it a message holds 70 characters, without it 160',
            )
        ],
    ),
    "a label that changed in the base language": (
        "es",
        "  back: Volver\n",
        "  back: Atras\n",
        [(WARNING, "en/words.yaml: options.back", "the es words changed after this was translated")],
    ),
    "a label that makes a screen too long": (
        "en",
        "  cancel_withdraw: Withdraw a case\n",
        f"  cancel_withdraw: {'x' * 100}\n",
        [
            (
                ERROR,
                "en/cancel/what.j2",
                "takes 2 segments at its longest, and may take 1 (behind common/unfinished)",
            ),
            (ERROR, "en/cancel/what.j2", "takes 164 characters on a USSD screen, which holds 156 (behind common/miss)"),
        ],
    ),
}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """The city that we ship, and a copy of its words that may be spoilt."""
    folder = tmp_path_factory.mktemp("words")
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    shutil.copytree(HOME / "templates" / "sms", folder / "sms")
    return load(folder / "config.yaml", {}).city, folder / "sms"


def found(city, templates, book=BOOK):
    words = {language: load_words(templates, language, templates) for language in city.languages}
    city = replace(city, words=words)
    return list(wording.examine(city, Renderer(city, templates, "Barrio Digital"), templates, book))


def put(templates, name, written):
    file: Path = templates / name
    if written is None:
        file.unlink()
    else:
        file.write_bytes(written if isinstance(written, bytes) else written.encode())


@pytest.fixture(scope="module")
def spoilt(town, tmp_path_factory):
    """All that is said once every fault of ``BROKEN`` is in its file."""
    city, templates = town
    copy = tmp_path_factory.mktemp("spoilt") / "sms"
    shutil.copytree(templates, copy)
    for name, written, _ in BROKEN.values():
        put(copy, name, written)
    return found(city, copy)


def test_values_that_cannot_be_made_are_a_finding(town):
    report = BOOK.dialogs["report"]
    steps = {**report.steps, "thanks": End(params=lambda _facts, answers: {"place": answers["place"]})}
    book = replace(BOOK, dialogs={**BOOK.dialogs, "report": replace(report, steps=steps)})
    (one,) = found(*town, book)
    assert (one.level, one.where) == (ERROR, "report/thanks")
    assert one.what == "its params fail where not all is known (KeyError: 'place')"
    assert "answers.get" in one.mend


def test_what_we_ship_has_no_fault(town):
    assert found(*town) == []


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_found(spoilt, name):
    file, _, said = BROKEN[name]
    of_file = [one for one in spoilt if one.where == file]
    assert all(one.mend for one in of_file)
    assert [(one.level, one.what) for one in of_file if (one.level, one.what) != CHANGED] == said


def test_every_translation_of_what_changed_is_named(spoilt):
    """Of ``broadcast/notice`` only the budget changed, not the words; of ``report/dog`` there is no translation."""
    changed = {name.removeprefix("es/") for name, _, _ in BROKEN.values() if name.startswith("es/")}
    assert {one.where for one in spoilt if (one.level, one.what) == CHANGED} == {
        f"en/{name}" for name in changed - {"broadcast/notice.j2", "report/dog.j2"}
    }


def test_nothing_else_is_said(spoilt):
    files = {name for name, _, _ in BROKEN.values()}
    assert {
        (one.where, one.what) for one in spoilt if one.where not in files and (one.level, one.what) != CHANGED
    } == set()


@pytest.mark.parametrize("name", LABELS)
def test_a_label_that_is_broken_is_found(town, tmp_path, name):
    language, line, instead, said = LABELS[name]
    city, templates = town
    copy = tmp_path / "sms"
    shutil.copytree(templates, copy)
    file = copy / language / "words.yaml"
    written = file.read_text(encoding="utf-8")
    assert line in written
    file.write_text(written.replace(line, instead), encoding="utf-8")
    assert [(one.level, one.where, one.what) for one in found(city, copy)] == said


def test_a_resolution_that_takes_the_question_over_the_budget(town, tmp_path):
    city, templates = town
    shutil.copytree(templates, tmp_path / "sms")
    put(
        tmp_path / "sms",
        "es/notice/resolved.j2",
        "{# segments: 2 #}\nCaso {{ code | code }}: " + "x" * 60 + "{{ reply }}\n",
    )
    [changed, over] = sorted(found(city, tmp_path / "sms"), key=lambda one: one.level)[::-1]
    assert (changed.level, changed.where) == (WARNING, "en/notice/resolved.j2")
    assert (over.level, over.where) == (ERROR, "es: a case")
    assert over.what == "resolution, question and reminder take 4 segments at their longest, and may take 3"
    assert over.mend == "shorten es/notice/resolved.j2 or es/confirm/ask.j2"


def test_a_language_of_which_nobody_said_what_it_was_translated_from(town, tmp_path):
    city, templates = town
    shutil.copytree(templates, tmp_path / "sms")
    (tmp_path / "sms" / "en" / "translated.yaml").unlink()
    [one] = found(city, tmp_path / "sms")
    assert (one.level, one.where) == (WARNING, "en/translated.yaml")
    assert one.what == "does not say from which es words the texts were translated"
    assert one.mend == "read them side by side, then: barrio words same en --all"


def test_a_text_of_which_nobody_said_that_it_says_the_same(town, tmp_path):
    city, templates = town
    shutil.copytree(templates, tmp_path / "sms")
    file = tmp_path / "sms" / "en" / "translated.yaml"
    kept = [line for line in file.read_text(encoding="utf-8").splitlines() if "report/thanks" not in line]
    file.write_text("\n".join(kept), encoding="utf-8")
    [one] = found(city, tmp_path / "sms")
    assert (one.where, one.what) == ("en/report/thanks.j2", "nobody has said that it says what es says")
    assert one.mend == "read the two side by side, then: barrio words same en report/thanks"


def test_a_page_of_more_than_six(town):
    city, templates = town
    menu = BOOK.dialogs["menu"]
    node = menu.steps["main"]
    assert isinstance(node, Choose)
    word = Option(key="", value="x", label=LabelKind.WORD, ref="no")
    many = replace(node, options=lambda *_: (word,) * 7, page=7)
    book = replace(BOOK, dialogs={**BOOK.dialogs, "menu": replace(menu, steps={"main": many})})
    said = [(one.where, one.what) for one in found(city, templates, book) if "options at once" in one.what]
    what = "shows 7 options at once, and a small screen holds 6"
    assert said == [("es/menu/main.j2", what), ("en/menu/main.j2", what)]


def test_a_place_that_a_phone_cannot_show(town):
    city, templates = town
    places = {**city.places, "x": replace(next(iter(city.places.values())), id="x", name="Ñuñoa £ №1")}
    said = [(one.where, one.what) for one in found(replace(city, places=places), templates)]
    assert said == [
        ("places.yaml: places.x.name", '"№" is not in GSM-7: with it a message holds 70 characters, without it 160'),
        ("places.yaml: places.x.name", '"£" cannot be shown on a USSD screen, and is missing there'),
    ]
