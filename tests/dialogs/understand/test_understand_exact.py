"""What mutants of the understanding showed to be untested: each word of its tables, and the edges of its rules."""

# ruff: noqa: RUF001  letters that look alike are what is tested

import pytest

from dialogs.understand import codes, elsewhere, index, numbers
from dialogs.understand.answers import verdict
from dialogs.understand.folding import by_ear, fold, sounded, words
from dialogs.understand.index import ByWord, longest_from, per_city
from dialogs.understand.keywords import command, confusable, parts
from dialogs.understand.phrases import Phrasebook
from dialogs.understand.places import find

#: Every short form of text messages, and the word that it is heard as.
SHORT = """
    aki aqui / av avenida / avda avenida / bn bien / cel celular / cn con / d de / dl del / dnd donde / esq esquina /
    grax gracias / grx gracias / k que / kien quien / mchas muchas / mxas muchas / mnsj mensaje / msg mensaje /
    msj mensaje / msjs mensajes / n en / nro numero / num numero / pls please / plz please / porfa por favor /
    porfavor por favor / porfis por favor / porq porque / pq porque / q que / qiero quiero / sms mensaje /
    srta senorita / sr senor / sra senora / tb tambien / tbn tambien / tmb tambien / x por / xfa por favor /
    xfavor por favor / xfis por favor / xq porque / z zona
"""
NUMERALS = """
    uno una primero primera primer one first 1ro 1ra 1er 1st / dos segundo segunda two second 2do 2da 2nd /
    tres tercero tercera three third 3ro 3ra 3er 3rd / cuatro cuarto cuarta four fourth 4to 4ta 4th /
    cinco sinco quinto quinta five fifth 5to 5ta 5th / seis sexto sexta six sixth 6to 6ta 6th /
    siete septimo septima seven seventh 7mo 7ma 7th / ocho octavo octava eight eighth 8vo 8va 8th /
    nueve noveno novena nine ninth 9no 9na 9th
"""
BESIDE_A_CHOICE = """
    la el lo las los opcion opciones option op opc numero number num no tecla choice quiero elijo escojo prefiero marco
    es mi respuesta the por favor please gracias thanks pues ps nomas ya ok seria i want choose a de en senor senorita
"""
BESIDE_A_MARK = """
    le les pongo doy un unas unos con nota puntos punto puntaje estrella estrellas calificacion califico give it them
    points stars rate rating mas o menos muy bien mal bueno malo buena mala regular pesimo excelente servicio trabajo
    pesima terrible perfecto very good bad poor great
"""
MARKS = """
    muy mal, muy malo, muy mala, pesimo, pesima, terrible, horrible, very bad / mal, malo, mala, bad, poor /
    regular, mas o menos, masomenos, mas o menos nomas, mas o menos bien, so so, ok /
    bien, bueno, buena, good, esta bien /
    muy bien, muy bueno, muy buena, excelente, perfecto, very good, great, excellent
"""


def table(text, between="/"):
    return [" ".join(one.split()) for one in text.split(between)]


@pytest.mark.parametrize("pair", table(SHORT))
def test_a_short_form_is_heard_as_its_word(pair):
    short, _, whole = pair.partition(" ")
    assert words(short) == whole.split()
    assert sounded(short) == sounded(whole)


@pytest.mark.parametrize(
    ("number", "said"), [(n, word) for n, line in enumerate(table(NUMERALS), 1) for word in line.split()]
)
def test_a_numeral_names_its_number(number, said):
    assert numbers.choice(said, 9) == number


@pytest.mark.parametrize("word", BESIDE_A_CHOICE.split())
def test_a_word_may_stand_beside_a_choice(word):
    assert numbers.choice(f"{word} 2", 9) == 2


@pytest.mark.parametrize("word", BESIDE_A_MARK.split())
def test_a_word_may_stand_beside_a_mark_and_beside_no_choice(word):
    assert numbers.rating(f"{word} 2") == 2
    assert numbers.choice(f"{word} 2", 9) is None


@pytest.mark.parametrize(
    ("mark", "said"), [(n, one) for n, line in enumerate(table(MARKS), 1) for one in table(line, ",")]
)
def test_a_word_of_praise_or_blame_is_a_mark(mark, said):
    assert numbers.rating(said) == mark
    for polite in ("gracias", "por favor", "thanks", "please", "nomas", "pues"):
        assert numbers.rating(f"{said} {polite}") == mark


def test_a_mark_is_one_to_five_and_short():
    assert [numbers.rating(str(n)) for n in range(7)] == [None, 1, 2, 3, 4, 5, None]
    assert numbers.rating("le pongo un 4 de nota por favor") == 4
    assert numbers.rating("le pongo un 4 de nota por favor gracias") is None  # nine words: a story
    assert [numbers.choice(str(n), 3) for n in range(5)] == [None, 1, 2, 3, None]
    assert numbers.rating("4 de 5") == numbers.rating("4 out of 5") == numbers.rating("4 SOBRE 5") == 4
    assert (numbers.rating("4/55"), numbers.rating("4/5/26"), numbers.rating("14/5")) == (None, None, None)
    assert (numbers.choice("02", 3), numbers.rating("05")) == (None, None)
    assert (numbers.choice("opcion2", 3), numbers.choice("1 2", 3), numbers.choice("1 1", 3)) == (2, None, 1)


@pytest.mark.parametrize(
    "said",
    [
        "mamita ven pronto", "papi ven pronto", "amorcito ven pronto", "bebe ven pronto", "mi vida ven pronto",
        "te extraño mucho", "te llamo luego", "ya llego a casa", "ya voy saliendo", "donde andas ahorita",
        "quien eres contestame", "es numero equivocado disculpe", "feliz cumpleaños tia", "feliz navidad a todos",
        "ganaste una moto hoy entra ahora mismo a retirar tu moto", "gran sorteo para ti entra ahora mismo a ver la lista",
        "descuento para ti entra ahora mismo a ver toda la lista", "tu saldo vence hoy entra ahora mismo y mira la lista",
        "prestamos al toque solo para ti entra ahora mismo y pide", "entra en www hoy mismo y mira toda la lista nueva",
        "hi honey come soon", "i love you so much", "who is this please", "who are you my friend", "it was the wrong number",
        "you won a car today", "ya al fin", "jajaja", "son unos inutiles",
    ],
)  # fmt: skip
def test_what_is_for_somebody_else_tells_the_city_nothing(said, la_paz):
    assert elsewhere.tells_nothing(said, la_paz)


@pytest.mark.parametrize(
    "said",
    [
        "mamita ven", "papi ven", "amorcito ven", "bebe ven", "hermanito ven", "mi vida ven", "te amo", "te extraño mucho", "te aviso",
        "ya llego a casa", "ya salgo", "donde andas", "quien habla", "numero equivocado", "feliz cumpleaños", "feliz navidad",
        "ganaste una moto", "gran sorteo", "un descuento", "tu saldo vence", "prestamos al toque", "entra en www punto",
        "llama ya al", "hi mom come", "hi honey", "i love you", "who is this", "who are you", "wrong number", "you won it",
    ],
)  # fmt: skip
def test_each_sign_of_a_text_for_somebody_else_is_known(said):
    assert elsewhere._BOOK.named(sounded(said)) == ["others"]


@pytest.mark.parametrize(
    "said",
    [
        "en la avenida", "mi barrio", "el mercado", "la escuela", "los vecinos", "el rio", "señor alcalde", "el municipio",
        "arreglen", "que reparen", "soluciones", "un problema", "mi queja", "es urgente", "esta roto", "malogrado", "abandonado",
        "falta", "necesitamos", "solicito", "no hay nada", "no funciona", "no vienen", "hace tres dias", "ase un año",
        "the street", "it is broken", "a neighbour",
    ],
)  # fmt: skip
def test_each_word_of_the_city_is_known(said):
    assert elsewhere._of_the_city(sounded(said))


def test_what_is_of_nobody_is_short():
    assert not elsewhere._of_the_city(sounded("jajaja que tal"))
    assert elsewhere._BOOK.named(sounded("jajaja que tal")) == []


@pytest.mark.parametrize(
    "written",
    ["482105930", "4-8-2-1-0-5-9-3-0", "(482) 105/930", "482.105_930", "482#105*930", "482:105–930", "482,105—930"],
)
def test_a_code_is_read_whatever_parts_it(written):
    assert codes.find(written) == ("482105930",)


@pytest.mark.parametrize(
    "said",
    [
        "cuatro ocho dos uno cero sinco nueve tres cero",
        "four eight two one zero five nine three zero",
        "four eight two one oh five nine three oh",
        "FOUR eight 2 1 0 5 9 3 0",
        "４８２１０５９３０",
        "4821O593O",
        "482lO593O",
    ],
)
def test_a_code_is_read_however_it_is_spoken_or_mistyped(said):
    assert codes.find(said) == ("482105930",)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("BAJA 482105930", "baja"),
        ("482 105 930 baja, 482-105-949 gracias", "baja, gracias"),
        ("baja482105930ya", "baja ya"),
        ("baja cuatro ocho dos uno 0 5 nueve tres cero ya", "baja ya"),
        ("baja 12 482105930 7", "baja 12 7"),
        ("baja 482105931", "baja 482105931"),
        ("BAJA ya", "baja ya"),
        ("482105930", ""),
    ],
)
def test_what_stands_beside_codes(text, left):
    assert codes.beside(text) == left


def test_what_stands_between_words_is_no_code():
    assert codes.find("482105 y 930") == ()
    assert codes.find("482105?930") == ()
    assert codes.find("12 482105930") == codes.find("482105930 12") == ("482105930",)
    assert codes.find("a" * 1591 + " 482105930") == ()
    assert codes.find("a" * 1590 + " 482105930") == ("482105930",)
    assert [codes.is_valid(code) for code in ("482105930", "48210593", "4821059300", "٤82105930", "48210593a", "")] == [
        True, False, False, False, False, False,
    ]  # fmt: skip


def test_folding_reads_the_beginning_of_a_long_text_and_knows_apostrophes():
    assert fold("TAXI, XFA") == "taxi xfa"
    assert fold("a b" * 600).count(" ") == len(("a b" * 600)[:1600].split()) - 1
    for mark in "'`\u2018\u2019\u02bc\u00b4":
        assert fold(f"d{mark}oro") == "doro"


def test_the_longest_answer_has_sixteen_words_and_the_longest_command_twelve(la_paz):
    assert verdict("si " * 12, la_paz) == "yes"
    assert parts("si " * 12, la_paz) == {"yes"}
    assert parts("si " * 13, la_paz) == frozenset()
    assert command("baja " * 12, la_paz) == "stop"
    assert command("baja " * 13, la_paz) is None


def test_an_answer_of_sixteen_words_is_one_and_a_longer_text_is_a_story(hamlet):
    assert verdict("si " + "mesa " * 15, hamlet) == "yes"
    assert verdict("si " + "mesa " * 16, hamlet) is None


@pytest.mark.parametrize("said", ["yes but it smells", "si pero huele"])
def test_yes_but_is_no_yes(said, la_paz):
    assert verdict(said, la_paz) is None


@pytest.mark.parametrize("said", ["?", " ¿? ", "??!!", "?\t\r\n"])
def test_a_lone_question_mark_asks_for_help(said, la_paz):
    assert command(said, la_paz) == "help"


@pytest.mark.parametrize("said", ["", " ", ".", "!", "日?", "?日"])
def test_other_marks_ask_for_nothing(said, la_paz):
    assert command(said, la_paz) is None


def test_two_cities_are_two_keys_though_they_were_remembered_in_one_place(la_paz, hamlet):
    assert index._TheCity(la_paz) == index._TheCity(la_paz)
    assert index._TheCity(la_paz) != index._TheCity(hamlet)
    assert index._TheCity(la_paz) != la_paz


def test_a_city_is_known_again_as_itself_only(la_paz, hamlet):
    built = []

    @per_city
    def look(city):
        built.append(city)
        return len(built)

    assert [look(la_paz), look(la_paz), look(hamlet), look(la_paz), look(hamlet)] == [1, 1, 2, 1, 2]
    assert built == [la_paz, hamlet]


def test_words_stand_under_their_own_and_their_stems():
    found = ByWord([("aguas", False, "w"), ("agua", True, "long"), ("ag", True, "short"), ("ag", True, "again")])
    assert found.under("aguas") == ("w", "short", "again", "long")
    assert (found.under("agu"), found.under("a"), found.under("x")) == (("short", "again"), (), ())
    assert found.words() == ["ag", "agua", "aguas"]
    assert ByWord([("agua", False, 1)]).under("agua") == (1,)
    assert longest_from(["a b c", "a b", "b", "a"]) == {"a": 3, "b": 1}


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("v fatima", "villa-fatima"),
        ("vlla fatima", "villa-fatima"),
        ("alto mcal santa cruz", "alto-mariscal-santa-cruz"),
        ("alto mscal santa cruz", "alto-mariscal-santa-cruz"),
        ("sn antonio", "san-antonio"),
        ("sta barbara", "santa-barbara"),
        ("b lindo", "barrio-lindo"),
        ("bo lindo", "barrio-lindo"),
        ("urb 8 de diciembre", "8-de-diciembre"),
        ("lomas", None),
        ("tejar", "el-tejar"),
        ("pedro alto san", None),
        ("sopocachi bajo", "sopocachi-bajo"),
        ("bajo sopocachi", "sopocachi-bajo"),
        ("alto san pedro", "san-pedro-alto"),
        ("ciudadela alto", "alto-ciudadela"),
    ],
)
def test_a_place_is_known_by_its_short_forms_and_turned_round(said, place, la_paz):
    found = find(said, la_paz)
    assert (found and found.id) == place


def test_a_place_beyond_the_beginning_of_a_text_is_not_looked_for(la_paz):
    assert find("ya " * 148 + "en sopocachi", la_paz) is not None
    assert find("ya " * 150 + "en sopocachi", la_paz) is None


def test_phrases_are_made_of_words_that_stand_in_order_each_used_once():
    book = Phrasebook({"two": [".. ana bebe .. bebe nido .."], "one": ["pan"], "stem": ["pano*"]})
    assert book.named(["ana", "bebe", "bebe", "nido"]) == ["two"]
    assert book.named(["ana", "bebe", "nido"]) == []
    boat = Phrasebook({"boat": ["bote pan"]})
    assert (boat.named(["bote", "pan"]), boat.named(["bote", "panes"])) == (["boat"], [])
    assert (book.named(["pan"]), book.named(["pano"]), book.named(["panos"])) == (["one"], ["stem"], ["stem"])


def test_words_are_confusable_by_likeness_only_where_one_may_be_guessed():
    assert confusable("ayuda", "help", "ayudas", "menu")
    assert confusable("ayudas", "menu", "ayuda", "help")
    assert not confusable("ayuda", "help", "payuda", "menu")
    assert not confusable("ayuda", "help", "menu", "menu")
    assert not confusable("baja", "stop", "bajas", "start")
    assert confusable("baja", "stop", "bajas", "menu")
    assert not confusable("no", "no", "nos", "half")


def test_a_stop_beside_a_cancel_and_a_yes_is_a_stop(la_paz):
    assert command("si cancelar baja", la_paz) == "stop"
    assert command("baja menu", la_paz) is None


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("Sopocachi no hay luz en la calle", "sopocachi"),
        ("alto mariscal sonta cruz", "alto-mariscal-santa-cruz"),
        ("yo alto mariscal sonta cruz", None),
        ("zona chaskipampi no hay luz", "chasquipampa"),
        ("zona alto villa victorta no hay luz", "alto-villa-victoria"),
        ("zona kupinis", "kupini"),
        ("zona obraje", "obrajes"),
    ],
)
def test_a_misspelt_place_is_found_where_one_is_expected(said, place, la_paz):
    found = find(said, la_paz)
    assert (found and found.id) == place


def test_codes_do_not_overlap_and_are_read_in_wide_letters():
    one, other = "314159266", "141592667"
    assert codes.is_valid(one)
    assert codes.is_valid(other)
    assert one[1:] == other[:-1]
    assert codes.find(" ".join(one + other[-1])) == (one,)
    assert codes.find("ＦＯＵＲ eight 2 1 0 5 9 3 0") == ("482105930",)


def test_letters_that_sound_alike_are_one():
    assert by_ear("qosqo zapato taxi cubo vaca huevo wawa") == "kosko sapato tasi kubo baka uebo uaua"


@pytest.mark.parametrize(
    ("said", "heard"),
    [("no, ya esta bien", "no"), ("nop ya esta bien", "no"), ("not yet, it is ok", "no"), ("", None), ("...", None)],
)
def test_who_begins_with_no_means_no(said, heard, la_paz):
    assert verdict(said, la_paz) == heard
