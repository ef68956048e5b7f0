"""Reply: what somebody answers to a notice joins that notice's replies, where staff read them, and opens no case.

It is one where the person was sent a notice in the last ``Facts.replies_for``, no question waits, and the text is no
command, code, danger, secret or opt-out. Then the first rule that fits decides:

1. A problem named surely, by the city's own words, with a place or a landmark is a report; so is one that is not what
   the notice is about. So are an idea, a wish for a person, and what is meant for somebody else: as without a notice.
2. Who got a receipt or word of a case after the notice, or tells how a case stands, is talking of that: unless the text
   shares a word with the notice.
3. Thanks alone join the notice and are answered with silence; a question, a remark, or what names nothing that the
   city could mend joins it with one answer.
4. What is left may be either ("no hay agua" where the notice told of a cut): one question with two numbers.

Words are never lost: whoever leaves that question, or is not understood, has answered the notice. Only who takes it
back, or begins anew on a screen, wants it dropped, as a report that is half told.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from dialogs import telling
from dialogs.effects import Effect, KeepReply, Option, Param
from dialogs.facts import Facts, Need, NeedKind
from dialogs.learnt import WORKS, denies, names_a_problem
from dialogs.messages import ChannelKind
from dialogs.nodes import Choose, Dialog, Do, End, Silence, Start
from dialogs.outreach import Notice
from dialogs.report import understood
from dialogs.session import Answers
from dialogs.understand import answers as words
from dialogs.understand import categories, elsewhere, intents, places, safety
from dialogs.understand.folding import sounded
from dialogs.understand.phrases import Phrasebook
from dialogs.verdicts import named

#: The answers' names under which the notice, and when it was handed over, are kept while the question stands.
NOTICE, AT = "notice", "noticed_at"
ABOUT, OTHER = "reply_about", "reply_other"
#: What a text may want that is no word about a notice, and what is a word about a case where there is one.
_OWN_WISHES = frozenset({"proposal", "agent", "language", "cancel", "help", "menu", "stop", "start", "greeting"})
_OF_A_CASE = frozenset({"status", "done", "undone", "denied"})
#: Shorter words are in every text.
_TELLING = 4
_SHORT = 6

_ASKS = """
    cuando/cuanto va/van/vuelve/vuelven/viene/vienen/termina/acaba/empieza/sera/es/llega/regresa/habra/dura ..
    y cuando/cuanto/quien/como ..
    .. hasta/desde/para/a que hora/horas/dia/dias ..
    .. hasta/desde/para cuando ..
    .. por que ..
    porque ..
    como va/van/hago/hacemos/puedo/podemos ..
    donde puedo/podemos ..
    y en mi/el/la/nuestra/nuestro/los/las .. tambien ..
    y tambien en ..
    tambien en ..
    es verdad/cierto que ..
    va/van a ser/haber/estar/durar/volver/cortar ..
    when/what/where/who/why/how/until/will/is/are/can ..
"""
_REMARKS = """
    .. no nos/me avisan/avisaron/aviso/dijeron/informaron/comunicaron ..
    .. nadie nos/me avisa/aviso/dijo/informo ..
    .. avisen/avisar/avisan/avisaran/avisaron antes/con ..
    .. siempre lo mismo ..
    .. otra vez lo mismo ..
    .. que bien/bueno/mal/pena/lastima/verguenza ..
    .. segunda/tercera/cuarta vez ..
    .. ya sabia/sabiamos ..
    .. ya volvio/llego/regreso ..
    .. nobody told/warned us/me ..
    .. tell/warn us/me before/earlier ..
"""
_THANKS = """
    .. gracias por avisar/avisarnos/avisarme/informar/informarnos/comunicar ..
    .. gracias por el/la/su/este aviso/informac*/dato/mensaje ..
    .. thanks/you for the/letting/telling/warning ..
"""
_LANDMARKS = """
    .. frente/cerca/junto/detras/atras/alado/lado/altura/esquina a/al/de/del/con ..
    .. en el/la calle/avenida/av/plaza/plazuela/pasaje/callejon/cancha/colegio/escuela/mercado/parada/puente/posta ..
    .. opposite/near/behind/beside ..
    .. next to ..
    .. in front of ..
"""
#: Who asks the way names no problem, whatever it is that they look for.
_WHERE = """
    donde es/sera/queda el/la/los/las ..
    y donde es/sera/queda el/la/los/las ..
"""
_QUESTIONS = frozenset({"asks", "where"})
_WAYS = {"where": _WHERE, "asks": _ASKS, "remarks": _REMARKS, "thanks": _THANKS, "landmarks": _LANDMARKS}
_BOOK = Phrasebook({name: lines.strip().splitlines() for name, lines in _WAYS.items()})


def to_a_notice(facts: Facts, text: str) -> Start | Silence | Need | None:
    """What ``text`` is to the notice that this person got last; None where it is nothing to it, or there was none."""
    if not facts.replies_for or _is_its_own(facts, text):
        return None
    notice = _last(facts)
    if not isinstance(notice, Notice):
        return notice
    if _is_of_a_case(facts, text, notice) and not _shares(text, notice):
        return None
    return _joined(facts, text, notice)


def asked_of_works(facts: Facts, text: str) -> Start | Silence | Need | None:
    """The same of what asks as people ask of works ("hasta cuando dura"), but names none."""
    guess = categories.guess(text, facts.city)
    of_works = guess.heard and guess.best == WORKS
    free = facts.session is None and facts.channel_kind is ChannelKind.SMS
    return to_a_notice(facts, text) if free and _asks(text) and not of_works else None


def thanked(facts: Facts) -> Silence | Need | None:
    """Thanks and not a word more: for the notice, if nothing else was said to this person since."""
    if not facts.replies_for or facts.session is not None:
        return None
    notice = _last(facts)
    if not isinstance(notice, Notice):
        return notice
    return None if _heard_since(facts, notice) else _silent(notice)


def _is_its_own(facts: Facts, text: str) -> bool:
    """Whether ``text`` is no reply to whatever notice there was: nothing is read of the store then."""
    if safety.emergency(text) or _is_secret(facts, text) or elsewhere.is_for_others(text):
        return True
    wanted = intents.guess(text, facts.city)
    if wanted is not None and wanted[0] in _OWN_WISHES and wanted[1] >= intents.CERTAIN:
        return True
    return names_a_problem(facts, text) and _says_where(facts, text)


def _is_secret(facts: Facts, text: str) -> bool:
    """By its words; or as was learnt of reports, which says little of a short remark ("no nos avisaron antes")."""
    said = sounded(text)
    remark = len(said) <= _SHORT and "remarks" in _BOOK.named(said)
    return safety.sensitive(text) or (not remark and safety.confidential(text, facts.city))


def _wants(facts: Facts, text: str) -> str | None:
    wanted = intents.guess(text, facts.city)
    return wanted[0] if wanted else None


def _says_where(facts: Facts, text: str) -> bool:
    return places.find(text, facts.city) is not None or "landmarks" in _BOOK.named(sounded(text))


def _last(facts: Facts) -> Notice | Need | None:
    if facts.notices is None:
        return Need(kind=NeedKind.NOTICE)
    return next(iter(facts.notices), None)


def _is_of_a_case(facts: Facts, text: str, notice: Notice) -> bool:
    """Whether ``text`` is rather about a case of theirs."""
    told = _wants(facts, text) in _OF_A_CASE and bool(telling.listed(facts.own_cases))
    return told or _heard_since(facts, notice)


def _heard_since(facts: Facts, notice: Notice) -> bool:
    """Whether this person was told of a case after the notice: that it is received, or solved."""
    since = [case.resolved_at or case.opened_at for case in facts.own_cases]
    return any(at > notice.at for at in since)


def _shares(text: str, notice: Notice) -> bool:
    return not _telling(text).isdisjoint(_telling(notice.text))


def _telling(text: str) -> frozenset[str]:
    return frozenset(word for word in categories.content(text) if len(word) >= _TELLING)


def _joined(facts: Facts, text: str, notice: Notice) -> Start | Silence | None:
    ways = _BOOK.named(sounded(text))
    angry = elsewhere.is_anger(text)
    another = names_a_problem(facts, text) and not _is_its_matter(facts, text, notice)
    if another and not angry and "where" not in ways:
        return None
    asks = _asks(text)
    if _thanks(facts, text, ways) and not (asks or "remarks" in ways or denies(text)):
        return _silent(notice)
    remarks = angry or "remarks" in ways or _wants(facts, text) == "done"
    if asks or remarks or elsewhere.tells_nothing(text, facts.city):
        return Start(dialog="reply", rule="reply", step="keep", answers=_kept(notice))
    return Start(dialog="reply", rule="reply_asked", answers={**understood(facts, text), **_kept(notice)})


def _asks(text: str) -> bool:
    return "?" in text or not _QUESTIONS.isdisjoint(_BOOK.named(sounded(text)))


def _is_its_matter(facts: Facts, text: str, notice: Notice) -> bool:
    return categories.guess(notice.text, facts.city).best == categories.guess(text, facts.city).best


def _thanks(facts: Facts, text: str, ways: Sequence[str]) -> bool:
    wanted = intents.guess(text, facts.city)
    return "thanks" in ways or (wanted is not None and wanted[0] == "thanks" and wanted[1] >= intents.CERTAIN)


def _silent(notice: Notice) -> Silence:
    return Silence(rule="reply_thanks", effects=(KeepReply(notice=notice.id),))


def _kept(notice: Notice) -> Answers:
    return {NOTICE: notice.id, AT: int(notice.at.timestamp())}


def _which(_facts: Facts, _answers: Answers) -> Sequence[Option]:
    return named(ABOUT, OTHER)


def _in_words(facts: Facts, _answers: Answers, text: str) -> str | None:
    """Yes, it is about the notice; no, it is not."""
    return {"yes": ABOUT, "no": OTHER}.get(str(words.verdict(text, facts.city)))


def _when(_facts: Facts, answers: Answers) -> Mapping[str, Param]:
    """When they got the notice."""
    return {"sent": datetime.fromtimestamp(int(answers.get(AT) or 0), UTC)}


def _this(_facts: Facts, answers: Answers) -> Sequence[Effect]:
    return (KeepReply(notice=_notice(answers)),)


def _before(_facts: Facts, answers: Answers) -> Sequence[Effect]:
    return (KeepReply(notice=_notice(answers), this=False, before=True),)


def _all(_facts: Facts, answers: Answers) -> Sequence[Effect]:
    return (KeepReply(notice=_notice(answers), before=True),)


def _notice(answers: Answers) -> int:
    return int(str(answers[NOTICE]))


REPLY = Dialog(
    name="reply",
    start="which",
    on_expire="keep_before",
    steps={
        "which": Choose(
            options=_which,
            save="which",
            params=_when,
            understand=_in_words,
            next={ABOUT: "keep_before", OTHER: "report:"},
            give_up="keep_all",
        ),
        "keep": Do(effects=_this, next="kept"),
        "keep_before": Do(effects=_before, next="kept"),
        "keep_all": Do(effects=_all, next="kept"),
        "kept": End(params=_when),
    },
)
