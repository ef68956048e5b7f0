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
        ("solicito la poda del arbol", CaseKind.REQUEST),
        ("Necesitamos que arreglen el enlosetado", CaseKind.REQUEST),
        ("no hay agua", CaseKind.GRIEVANCE),
        ("", CaseKind.GRIEVANCE),
    ],
)
def test_what_a_text_brings(text, kind):
    assert guess(text) is kind
