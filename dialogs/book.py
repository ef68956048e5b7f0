"""The book: which dialogs there are, and which of them a text belongs to.

The first rule that fits decides; its name is stored with the message, so that staff can see why, and undo it:

    opt-out words (for one case, where its code stands beside them) → safety words → a command (the whole message)
    → a code anywhere → an answer to what is pending → a late answer to a confirmation → no to what a receipt says
    → greeting or thanks alone → a reply to a notice → a new report

Commands outrank what is pending only when they are the whole message: "ayuda! entra tierra a mi casa" is a report.
"""

from dialogs import added, anonymous, correct, reply, telling
from dialogs.anonymous import ANONYMITY
from dialogs.appeal import APPEAL
from dialogs.behalf import BEHALF
from dialogs.callback import CALLBACK
from dialogs.cancel import CANCEL
from dialogs.cases import Case
from dialogs.coded import about_a_code, silenced
from dialogs.confirm import CONFIRM, stands
from dialogs.consent import NOTICES, START, STOP
from dialogs.engine import OFFERED
from dialogs.enough import ENOUGH
from dialogs.erase import ERASE, KEEP
from dialogs.facts import Facts, Need
from dialogs.handover import HANDOVER, PERSON
from dialogs.language import LANGUAGE, named
from dialogs.learnt import about_works, asked_again, heard, meant, names_a_problem, of_a_case
from dialogs.menu import HELP, MENU
from dialogs.messages import ChannelKind, SessionEvent
from dialogs.mute import MUTE, UNMUTE
from dialogs.nodes import Answer, Ask, Book, Choose, Decision, Dialog, Resume, ShowAgain, Silence, Start
from dialogs.note import NOTE
from dialogs.project import PROJECT
from dialogs.proposal import PROPOSAL
from dialogs.report import REPORT, half_told, tells_something, understood
from dialogs.safety import SAFETY
from dialogs.session import Session
from dialogs.status import STATUS
from dialogs.support import SUPPORT
from dialogs.understand import (
    answers,
    categories,
    elsewhere,
    folding,
    intents,
    keywords,
    labels,
    numbers,
    safety,
)

_DIALOGS: tuple[Dialog, ...] = (
    REPORT,
    STATUS,
    CONFIRM,
    MENU,
    HELP,
    LANGUAGE,
    STOP,
    START,
    NOTICES,
    CANCEL,
    HANDOVER,
    PERSON,
    CALLBACK,
    NOTE,
    correct.CORRECT,
    SAFETY,
    ENOUGH,
    PROJECT,
    SUPPORT,
    PROPOSAL,
    APPEAL,
    MUTE,
    UNMUTE,
    ERASE,
    KEEP,
    reply.REPLY,
    ANONYMITY,
    BEHALF,
)

#: A command and the dialog it starts. ``cancel``, ``greeting`` and ``thanks`` depend on what is pending.
COMMANDS = {
    "help": "help",
    "menu": "menu",
    "status": "status",
    "report": "report",
    "agent": "person",
    "callback": "callback",
    "start": "start",
    "project": "project",
    "support": "support",
    "appeal": "appeal",
    "proposal": "proposal",
    "mute": "mute",
    "unmute": "unmute",
    "erase": "erase",
    "keep": "keep",
    "anonymous": "anonymous",
}

#: Where ``route`` may begin. What it does not begin at is reached from there, or never.
_ENTRIES = frozenset(
    {
        *(f"{name}:" for name in COMMANDS.values()),
        *(
            "stop:",
            "safety:",
            "notices:",
            "language:",
            "cancel:",
            "cancel:dropped",
            "cancel:how_many",
            "cancel:given",
            "note:",
            "status:own",
            "correct:",
            "anonymous:no_call",
            "behalf:",
            "confirm:",
            "confirm:stands",
            "reply:",
            "reply:keep",
        ),
    }
)

#: Dialogs that ask for a choice: a whole complaint that comes instead of it is a new report.
_GIVE_WAY = frozenset({"menu", "confirm", "status", "cancel", "language", "safety", "callback", "erase", "reply"})
#: Dialogs in which a person tells what is kept though they never end it.
_HALF_TOLD = frozenset({"report", "callback"})
#: What tells how a case stands, though it names a problem ("si ya prende la luz").
_STANDS = frozenset({"done", "undone"})
_FEW = 4
_KEYS = 9
_LATE = 6


def route(facts: Facts, text: str, event: SessionEvent) -> Decision | Need:
    """Decide what a text is, or ask for what that takes. ``facts.session`` is the live session or None."""
    if event is SessionEvent.CLOSE:
        return _dropped(facts)
    if event is SessionEvent.NEW:
        return _dialled(facts)
    command = keywords.command(text, facts.city)
    if _tells_of_danger(text, command):
        command = None  # "buenas tardes, se cae el muro" is no greeting, and "gracias, el cable chispea" no thanks
    return (
        silenced(facts, text, command)
        or _stopped(facts, text, command)
        or _in_danger(facts, text)
        or _commanded(facts, text, command)
        or _courteous(facts, text, command)
        or _chosen(facts, text)
        or about_a_code(facts, text)
        or _answered(facts, text)
        or _late(facts, text)
        or correct.wished(facts, text)
        or _reported(facts, text)
    )


def _tells_of_danger(text: str, command: str | None) -> bool:
    """Whether what is told must not be lost for the command in it.

    An opt-out stands beside a danger ("no quiero avisos de incendios"), but not where somebody is hurt or threatened
    ("me amenaza, que ya no me escriba").
    """
    return safety.harm(text) if command == "stop" else safety.emergency(text)


def _dropped(facts: Facts) -> Decision:
    """The line broke: what was half told can be finished by SMS."""
    unfinished = facts.session is not None and facts.session.dialog == "report" and half_told(facts.session.answers)
    return ShowAgain(rule="dropped", by_sms=True) if unfinished else Silence(rule="dropped")


def _dialled(facts: Facts) -> Decision:
    """A USSD dial: a confirmation that waits comes first, then what was left unfinished, then the menu."""
    if facts.session is not None and facts.session.dialog == "confirm":
        return ShowAgain(rule="confirmation_waits")
    asked = _asked(facts)
    if asked is not None:
        return Start(dialog="confirm", rule="confirmation_waits", answers={"code": asked.code})
    if facts.session is not None and facts.session.dialog != "menu":
        return Resume(rule="unfinished")
    return Start(dialog="menu", rule="dialled")


def _stopped(facts: Facts, text: str, command: str | None) -> Decision | None:
    if command != "stop" or _shielded(facts, text):
        return None
    return Start(dialog="stop", rule="stop")


def _in_danger(facts: Facts, text: str) -> Decision | None:
    asked = facts.session is not None and facts.session.dialog == "safety"
    return Start(dialog="safety", rule="safety") if not asked and safety.harm(text) else None


def _commanded(facts: Facts, text: str, command: str | None) -> Decision | Need | None:
    if command in {"cancel", "withdraw"} or (command == "erase" and _is_of_what_is_half_told(facts, text)):
        return _cancelled(facts, which=command != "cancel")
    if command == "language":
        language = named(facts, text)
        return Start(dialog="language", rule="command", answers={"language": language} if language else {})
    if command in {"agent", "callback"}:
        return _handed_over(facts, text, command)
    if command == "anonymous":
        return anonymous.wished(facts)
    return _begun(facts, text, command)


def _begun(facts: Facts, text: str, command: str | None) -> Decision | Need | None:
    if command == "project":
        return reply.asked_of_works(facts, text) or about_works(facts, text, "command")
    if command == "support" and _is_understood(facts, text):
        return None  # "me sumo" answers whether it is what a neighbour told
    asked = facts.session is not None and facts.session.dialog == "erase"
    answers_it = command == "keep" and asked  # "no borrar" is a no to what would be erased
    return Start(dialog=COMMANDS[command], rule="command", drops=answers_it) if command in COMMANDS else None


def _handed_over(facts: Facts, text: str, command: str) -> Decision:
    """A wish for a person; who is telling something anonymously tells them no more than that."""
    if command == "callback" and (refused := anonymous.refused_a_call(facts, text)):
        return refused
    hidden = {anonymous.ANONYMOUS: True} if anonymous.is_half_told(facts.session) else {}
    told = heard(text) if len(text.split()) > _LATE else {}
    again = facts.session is not None and facts.session.dialog == "callback"  # one wish for a person is enough
    return Start(dialog=COMMANDS[command], rule="command", answers={**told, **hidden}, drops=again)


def _cancelled(facts: Facts, *, which: bool) -> Decision:
    """End what is half told. Where we asked, nothing of theirs is: they mean the messages or a case (``which``)."""
    session = facts.session
    if session is not None and session.dialog != "confirm" and not (which and session.dialog not in _HALF_TOLD):
        return Start(dialog="cancel", rule="command", step="dropped", drops=True)
    return Start(dialog="cancel", rule="command", step="how_many" if which else None)


def _is_of_what_is_half_told(facts: Facts, text: str) -> bool:
    """Whether a bare "borrar" means what they are telling, and nothing that they ever told."""
    return facts.session is not None and facts.session.dialog in _HALF_TOLD and len(text.split()) == 1


def _courteous(facts: Facts, text: str, command: str | None) -> Decision | Need | None:
    """Greeting or thanks alone: say again what is pending, or ask what happened; thanks need no answer.

    "Si, gracias" is an answer where one is waited for, and a screen is never left empty.
    """
    if command == "greeting":
        return Start(dialog="report", rule="greeting") if facts.session is None else ShowAgain(rule="greeting")
    if command != "thanks" or facts.channel_kind is ChannelKind.USSD:
        return None
    if _is_understood(facts, text):
        return None
    return reply.thanked(facts) or Silence(rule="thanks")


def _is_understood(facts: Facts, text: str) -> bool:
    """Whether the words of ``text`` answer what is asked, or was asked last about a case."""
    if facts.session is None:
        return _asked(facts) is not None and answers.verdict(text, facts.city) is not None
    node = BOOK.node(facts.session.dialog, facts.session.step)
    if not isinstance(node, Choose) or node.understand is None:
        return False
    return node.understand(facts, facts.session.answers, text) is not None


def _asked(facts: Facts) -> Case | None:
    """The case whose resolution the person was asked about and has not answered."""
    return next((case for case in facts.own_cases if case.asked), None)


def _shielded(facts: Facts, text: str) -> bool:
    """Whether this opt-out word is the beginning of a place's name here, because a place was asked for."""
    if facts.session is None or facts.session.answers.get(OFFERED):
        return False
    node = BOOK.node(facts.session.dialog, facts.session.step)
    return isinstance(node, Ask) and folding.fold(text).strip() in node.shields


def _chosen(facts: Facts, text: str) -> Decision | None:
    """An option by its words instead of its key; a case that we listed, by its code."""
    if facts.session is None:
        return None
    node = BOOK.node(facts.session.dialog, facts.session.step)
    if not isinstance(node, Choose):
        return None
    listed = node.options(facts, facts.session.answers)
    return Answer(rule="answer") if labels.chosen(text, listed, facts.city) is not None else None


def _answered(facts: Facts, text: str) -> Decision | None:
    session = facts.session
    if session is None:
        return None
    if session.dialog in _GIVE_WAY and _is_report(facts, session, text):
        more = added.to_what_we_ask(facts, text) if session.dialog == "confirm" else None
        return more or Start(dialog="report", rule="report_instead", answers=understood(facts, text))
    return Answer(rule="answer")


def _is_report(facts: Facts, session: Session, text: str) -> bool:
    """Whether a whole complaint stands where a choice was asked for."""
    if session.dialog == "confirm":
        return _is_no_verdict(facts, session, text)
    if answers.verdict(text, facts.city) is not None and _is_understood(facts, text):
        return _is_of_another(facts, session, text)
    return _is_told_whole(facts, text)


def _is_no_verdict(facts: Facts, session: Session, text: str) -> bool:
    """The same where we ask whether a case is solved, and how well: there most of what names a problem is an answer."""
    if numbers.rating(text) is not None:
        return False
    if safety.emergency(text):
        return True  # what may fall now outweighs that it was to be mended
    if session.step == "rate":
        return names_a_problem(facts, text)  # no yes or no is waited for there: "no hay agua" is a report
    return _is_of_another(facts, session, text) if _is_understood(facts, text) else _is_told_whole(facts, text)


def _is_told_whole(facts: Facts, text: str) -> bool:
    return len(text.split()) >= _FEW and categories.guess(text, facts.city).heard


def _is_of_another(facts: Facts, session: Session, text: str) -> bool:
    asked = telling.named(facts.own_cases, session.case)
    return asked is not None and _another_matter(facts, text, asked)


def _another_matter(facts: Facts, text: str, case: Case) -> bool:
    """Whether a text that begins like an answer tells of something else: "no hay agua" is no word about a lamp."""
    wanted = intents.guess(text, facts.city)
    if wanted is not None and wanted[0] in _STANDS and wanted[1] >= intents.CERTAIN:
        return False
    return names_a_problem(facts, text) and categories.guess(text, facts.city).best != case.category


def _late(facts: Facts, text: str) -> Decision | None:
    """Yes or no to a confirmation whose session other messages have ended."""
    asked = _asked(facts)
    if asked is None or len(text.split()) > _LATE or _another_matter(facts, text, asked) or safety.emergency(text):
        return None
    verdict = answers.verdict(text, facts.city)
    return None if verdict is None else stands(asked, verdict, "late_answer")


def _reported(facts: Facts, text: str) -> Decision | Need:
    if facts.channel_kind is ChannelKind.USSD:
        return Start(dialog="menu", rule="dialled")
    if "yes" in keywords.parts(text, facts.city) and answers.verdict(text, facts.city) == "yes":
        return _assented(facts, text)
    if len(text.split()) <= _FEW and numbers.choice(text, _KEYS) is not None:
        return Start(dialog="menu", rule="stray")  # a key pressed for a question that is over
    if not tells_something(text) or elsewhere.is_advertising(text, facts.city):
        return asked_again(text)
    again = added.twice(facts, text) or added.to_own(facts, text)
    return again or reply.to_a_notice(facts, text) or _told(facts, text)


def _assented(facts: Facts, text: str) -> Decision:
    """Nothing to answer to "ok" or "ya" after a receipt; "ya esta arreglado" tells of a case, or asks about it."""
    if not answers.tells_mended(text) or not telling.listed(facts.own_cases):
        return Silence(rule="assent")
    told = None if "?" in text else of_a_case(facts, text, "done")
    return told or Start(dialog="status", rule="assent")


def _told(facts: Facts, text: str) -> Decision:
    if elsewhere.is_anger(text):
        return asked_again(text)
    told = understood(facts, text)
    wanted = intents.guess(text, facts.city)
    if wanted is None and elsewhere.tells_nothing(text, facts.city):
        return asked_again(text)
    return meant(facts, text, told, wanted) or Start(dialog="report", rule="report", answers=told)


BOOK = Book(dialogs={dialog.name: dialog for dialog in _DIALOGS}, route=route, entries=_ENTRIES)
