import pytest

from dialogs.understand.answers import of_another, verdict


@pytest.mark.parametrize(
    "text",
    [
        "si", "SI", "sí", "sii", "sip", "Si.", "si gracias", "si, esta bien", "SI ESTA BIEN", "ya pues", "ok correcto", "ok",
        "jisa", "esa es la direccion", "si ya arreglaron", "ya arreglaron gracias", "todo bien", "quedo bien bonito",
        "ya no hay problema", "solucionado", "ya esta reparado el poste", "claro que si", "yes", "it is fixed now", "hola si",
        "si muchas gracias ya lo arreglaron ayer", "👍", "okis",
    ],
)  # fmt: skip
def test_yes(la_paz, text):
    assert verdict(text, la_paz) == "yes"


@pytest.mark.parametrize(
    "text",
    [
        "no", "NO", "no.", "nop", "noo", "janiwa", "NO ES AHI", "esta mal la zona es otra", "no asi no era", "incorrecto",
        "no sigue igual", "mentira nadie a venido", "todavia no", "aun no vinieron", "sigue igual", "no esta bien",
        "no quedo bien", "no han hecho nada", "nadie vino", "ya no funciona otra vez", "no gracias", "claro que no",
        "it is still broken", "not fixed", "nobody came", "no pues ni siquiera", "sigue a oscuras", "siguen asi nomas", "👎",
    ],
)  # fmt: skip
def test_no(la_paz, text):
    assert verdict(text, la_paz) == "no"


@pytest.mark.parametrize(
    "text",
    [
        "a medias", "arreglaron a medias nomas", "mas o menos", "si a medias", "no del todo", "no todo", "falta un poco",
        "si pero falta pintar", "una parte nomas", "dejaron incompleto", "half", "partly done", "si, pero no todo",
    ],
)  # fmt: skip
def test_half(la_paz, text):
    assert verdict(text, la_paz) == "half"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "😡",
        "2",
        "no hay agua en la calle 5 desde ayer",
        "ya van 15 dias y nada de nada",
        "si pero esta oliendo raro",
        "hay un bache grande",
        "cuando vienen",
        "gracias",
        "ya arreglaron pero sigue igual",
        "si no",
        "si " + "bla " * 20,
    ],
)
def test_neither(la_paz, text):
    assert verdict(text, la_paz) is None


def test_a_city_without_words_answers_nothing(void):
    assert verdict("si", void) is None


def test_no_is_heard_only_as_it_is_written_down(hamlet):
    assert verdict("no", hamlet) == "no"
    assert verdict("no sirve", hamlet) is None
    assert verdict("si, sirve", hamlet) == "yes"


@pytest.mark.parametrize("word", ["otro", "otra", "otros", "otras", "Another", "other"])
def test_who_speaks_of_another_one_is_heard(word):
    assert of_another(f"el {word} foco tampoco prende")


@pytest.mark.parametrize("text", ["el foco tampoco prende", "", "otrora"])
def test_who_speaks_of_the_one_speaks_of_no_other(text):
    assert not of_another(text)
