"""A code in a text: how the case stands, an answer about it, more to tell of it, or only a mention.

Rule: of a case that is another's, nothing but its coarse state is ever told, and nothing is added to it.
"""

import re
from collections.abc import Mapping, Sequence

from dialogs import anonymous, behalf
from dialogs.cases import Case
from dialogs.confirm import stands
from dialogs.facts import Facts
from dialogs.learnt import names_a_problem
from dialogs.mute import ALL
from dialogs.nodes import Decision, Start
from dialogs.status import nearest
from dialogs.understand import answers, categories, codes, folding, keywords, safety

#: Words that ask how a case stands, where a code comes with other words (compared after folding).
_ASKING = frozenset(
    {
        "estado",
        "status",
        "como",
        "cuando",
        "paso",
        "pasa",
        "va",
        "saber",
        "respuesta",
        "quedo",
        "quedaron",
        "seguimiento",
        "consulta",
        "consultar",
        "novedad",
        "novedades",
        "reclamo",
        "caso",
        "codigo",
        "cod",
        "nro",
        "numero",
        "denuncia",
        "queja",
        "how",
        "when",
        "what",
        "case",
        "code",
    }
)
#: Those that also stand in stories ("no ve por donde va"): in a longer text they ask nothing.
_IN_STORIES = frozenset({"va", "pasa"})
_MOBILE = re.compile(r"[67][0-9]{7}")
#: "Cancelar 482105930": with a code, all mean the case.
_TAKES_BACK = frozenset({"withdraw", "cancel", "erase"})
#: What opts out of everything, or into it, means one case where its code stands beside it.
_OF_ONE_CASE: Mapping[str | None, str] = {"stop": "mute", "mute": "mute", "start": "unmute", "unmute": "unmute"}
_FEW = 4
_LATE = 6
_STORY = 12


def about_a_code(facts: Facts, text: str) -> Decision | None:
    """What a text with a code in it is; None where the code is not what it is about, or there is none."""
    words = folding.fold(text).split()
    found = codes.find(text)
    if not found and len(words) > _FEW:
        return None
    known = next((code for code in found if code in facts.named_cases), None)
    asking = "?" in text or _asks(words)
    if known is not None:
        return _of_a_case(facts, text, facts.named_cases[known], asking=asking)
    if len(words) > _FEW and not (asking or _is_about_a_code(facts, text)):
        return None
    typed = next((code for code in found or codes.near(text) if not _is_a_telephone(facts, code, words)), None)
    return None if typed is None else Start(dialog="status", rule="code_unknown", answers={"code": typed})


def _asks(words: Sequence[str]) -> bool:
    found = _ASKING.intersection(words)
    return bool(found - _IN_STORIES) or (bool(found) and sum(map(str.isalpha, words)) <= _LATE)


def silenced(facts: Facts, text: str, command: str | None) -> Decision | None:
    """A wish to hear no more of one case, or of it again: the rest of the text is that command and nothing more.

    ``command`` is what the whole text is: who asks for no messages at all is heard also where the code is a stranger's.
    """
    found = codes.find(text)
    dialog = _OF_ONE_CASE.get(keywords.command(codes.beside(text), facts.city)) if found else None
    if dialog is None:
        return None
    own = (code for code in found if code in facts.named_cases and _is_own(facts, facts.named_cases[code]))
    told = {ALL: True} if command == "stop" else {}
    return Start(dialog=dialog, rule="code", answers={"code": next(own, found[0]), **told})


def _is_own(facts: Facts, case: Case) -> bool:
    return case.contact_id == facts.contact.id


def _of_a_case(facts: Facts, text: str, case: Case, *, asking: bool) -> Decision | None:
    if behalf.is_meant(facts, case):
        more = {"text": text.strip()} if codes.beside(text) else {}
        return Start(dialog="behalf", rule="behalf", answers={"code": case.code, **more})
    own = _is_own(facts, case)
    rest = " ".join(word for word in folding.fold(codes.beside(text)).split() if word.isalpha())
    asked = keywords.command(rest, facts.city)
    if own and (commanded := _commanded(facts, case, asked)):
        return commanded
    if asked == "support":
        return Start(dialog="support", rule="code", answers={"code": case.code})
    if own and (not asking or safety.emergency(text)):
        return _about(facts, text, case, rest)
    if not own and _is_whole_report(facts, text, rest):
        return None
    return Start(dialog="status", rule="code", answers={"code": case.code})


def _commanded(facts: Facts, case: Case, asked: str | None) -> Start | None:
    """A command beside the code of one's own case."""
    if asked in _TAKES_BACK:
        return Start(dialog="cancel", rule="code", step="given", answers={"code": case.code})
    if asked == "appeal":
        return Start(dialog="appeal", rule="code", answers={"code": case.code})
    if asked == "anonymous":
        return anonymous.of_a_case(facts, case.code)
    return anonymous.no_call("code") if asked == "callback" and case.anonymous else None


def _is_whole_report(facts: Facts, text: str, rest: str) -> bool:
    """Whether a complaint only mentions a neighbour's code ("mi vecina reclamo 482…, y aqui tampoco hay agua")."""
    return len(rest.split()) > _LATE and names_a_problem(facts, text)


def _is_about_a_code(facts: Facts, text: str) -> bool:
    """Whether a valid code that nobody has is what a text is about: it names no problem beside it."""
    rest = folding.fold(codes.beside(text)).split()
    told = sum(map(str.isalpha, rest))
    if not told:
        return not rest  # not a row of other numbers
    return told <= _STORY and (told <= _LATE or not categories.guess(text, facts.city).heard)


def _is_a_telephone(facts: Facts, digits: str, words: Sequence[str]) -> bool:
    """Whether eight digits are a mobile number of Bolivia without a letter in it, and no damaged code of one's own."""
    written = digits in "".join(words)  # people know telephone numbers by heart: with an O in it, it was copied
    return written and _MOBILE.fullmatch(digits) is not None and nearest(facts, digits) is None


def _about(facts: Facts, text: str, case: Case, rest: str) -> Decision:
    """A code of one's own case with other words: the answer to our question about it, more to tell, or its status.

    More is told of a case that is over too: that it was closed is our word, and the lamp may be dark again.
    """
    verdict = answers.verdict(rest, facts.city) if case.asked else None
    if verdict is not None:
        return stands(case, verdict, "code_answer")
    if len(rest.split()) >= _FEW:
        return Start(dialog="note", rule="note", answers={"code": case.code, "text": text.strip()})
    return Start(dialog="status", rule="code", answers={"code": case.code})
