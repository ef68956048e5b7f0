"""What a text brings: a complaint, unless it says otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.cases import CaseKind
from dialogs.understand import kinds


@pytest.mark.parametrize(
    "text",
    [
        "propongo mas arboles en el parque",
        "una propuesta para la plaza",
        "SUGIERO un basurero en la esquina",
        "sugerencia: pintar las gradas",
        "mi idea es hacer una cancha",
        "sería bueno un semáforo",
        "queremos que se construya una escuela",
    ],
)
def test_an_idea(text):
    assert kinds.guess(text) is CaseKind.PROPOSAL


@pytest.mark.parametrize(
    "text",
    [
        "solicito un poste de luz",
        "pedimos un basurero",
        "quisiéramos agua potable",
        "necesitamos que limpien el canal",
        "SOLICITAMOS inspección",
    ],
)
def test_a_request(text):
    assert kinds.guess(text) is CaseKind.REQUEST


@pytest.mark.parametrize(
    "text", ["no hay luz", "", "el propio vecino bota basura", "no necesitamos basura aqui", "piden coima"]
)
def test_a_complaint_is_all_else(text):
    assert kinds.guess(text) is CaseKind.GRIEVANCE


def test_an_idea_outranks_a_request():
    assert kinds.guess("solicito y propongo un parque") is CaseKind.PROPOSAL


@given(st.text(max_size=200))
def test_any_text_has_a_kind(text):
    assert kinds.guess(text) in CaseKind
