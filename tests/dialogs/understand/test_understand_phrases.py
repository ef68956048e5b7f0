import pytest

from dialogs.understand.folding import sounded
from dialogs.understand.phrases import Phrasebook, Word, is_open, read_word, sound


@pytest.mark.parametrize(
    ("phrase", "text", "described"),
    [
        ("dar de baja", "dar de baja", True),
        ("dar de baja", "DAR D BAJA!", True),
        ("dar de baja", "quiero dar de baja", False),
        ("dar de baja", "dar de baja mi numero", False),
        ("manden/envien nada", "envien nada", True),
        ("manden/envien nada", "embien nada", False),
        ("manden/envien nada", "manden", False),
        ("no me manden ..", "no me manden", True),
        ("no me manden ..", "no me manden mas mensajes por favor", True),
        ("no me manden ..", "ya no me manden", False),
        (".. en que quedo ..", "y en que quedo lo mio", True),
        (".. en que quedo ..", "en que quedo", True),
        (".. en que quedo ..", "en quedo que", False),
        (".. no .. mensaje* ..", "ya no quiero mas mensajitos hoy", False),
        (".. no .. mensaje* ..", "ya no quiero mas mensajes hoy", True),
        ("no *", "no", False),
        ("no *", "no sirve", True),
        ("no *", "no sirve nada", False),
        ("polici* ..", "policia", True),
        ("polici* ..", "policias malos", True),
        ("polic* ..", "policia", False),
        ("alcantarill* ..", "alcantarilla rota", True),
        ("borrach* ..", "borracho", True),
        ("q paso", "que paso", True),
    ],
)
def test_the_little_language(phrase, text, described):
    assert Phrasebook({"it": [phrase]}).named(sounded(text)) == ["it"] * described


def test_any_of_many_phrases_is_enough():
    book = Phrasebook({"few": ["uno ..", "dos .."], "many": ["tres .. cuatro", "dos tres .."]})
    assert book.named(["dos"]) == ["few"]
    assert book.named(["tres", "y", "kuatro"]) == ["many"]
    assert book.named(["dos", "tres"]) == ["few", "many"]
    assert book.named(["kuatro", "tres"]) == []
    assert book.named([]) == []


def test_an_empty_book_describes_nothing():
    assert Phrasebook({}).named(["hola"]) == []
    assert Phrasebook({"none": []}).named(["hola"]) == []


def test_a_phrase_is_tried_once_though_its_word_comes_twice():
    assert Phrasebook({"it": ["hola mundo"]}).named(["ola", "ola", "mundo"]) == []


@pytest.mark.parametrize(
    ("phrase", "open_one"), [("dar de baja", False), ("a/b", True), ("mensaj*", True), ("si ..", True), ("", False)]
)
def test_what_leaves_something_open(phrase, open_one):
    assert is_open(phrase) is open_one


def test_a_stem_sounds_as_before_a_vowel():
    assert read_word("alcantarill*") == Word("alkantariy", stem=True)
    assert read_word("borrach*") == Word("borraC", stem=True)
    assert read_word("bache") == Word("baCe", stem=False)
    assert read_word("*") == Word("", stem=True)


def test_a_phrase_has_a_sound():
    assert sound("¿Qué pasó, x q?") == "ke paso por ke"
