import pytest

from dialogs.cases import CaseKind
from dialogs.understand.kinds import guess


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("propongo q pongan un parque infantil", CaseKind.PROPOSAL),
        ("sugerencia: poner techo a la parada", CaseKind.PROPOSAL),
        ("mi idea es pintar murales", CaseKind.PROPOSAL),
        ("seria bueno q aya un mercado", CaseKind.PROPOSAL),
        ("queremos que se construya una cancha", CaseKind.PROPOSAL),
        ("una ideita, talleres los sabados", CaseKind.PROPOSAL),
        ("tengo idea de una feria", CaseKind.PROPOSAL),
        ("les planteo plantar arbolitos", CaseKind.PROPOSAL),
        ("planteamos una sede", CaseKind.PROPOSAL),
        ("quiero plantar y plantear un vivero", CaseKind.PROPOSAL),
        ("se me ocurre un mural", CaseKind.PROPOSAL),
        ("IDEA poner espejos en las curvas", CaseKind.PROPOSAL),
        ("iniciativa vecinal reciclar botellas", CaseKind.PROPOSAL),
        ("q tal si abren el patio los domingos", CaseKind.PROPOSAL),
        ("y que tal si ponen bancos", CaseKind.PROPOSAL),
        ("que tal sin agua estamos", CaseKind.GRIEVANCE),
        ("mala idea fue cerrar la calle", CaseKind.GRIEVANCE),
        ("no tengo la menor ideologia", CaseKind.GRIEVANCE),
        ("solicito la poda del arbol", CaseKind.REQUEST),
        ("Necesitamos que arreglen el enlosetado", CaseKind.REQUEST),
        ("no hay agua", CaseKind.GRIEVANCE),
        ("", CaseKind.GRIEVANCE),
    ],
)
def test_what_a_text_brings(text, kind):
    assert guess(text) is kind
