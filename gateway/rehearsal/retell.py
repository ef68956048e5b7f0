"""Makes a transcript of a real conversation: what came from outside is played again, and our answers are those it gets.

Rule 1: what people and staff did stands as lines; everything else is written by the player, so the result is a test.
Rule 2: where the play says something else than was said then, what was said stands beside it as a remark.
Rule 3: numbers, codes and staff's names are disguised; people's own words stay, so a person reads before sharing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import assert_never

from dialogs.messages import ChannelKind, SessionEvent
from dialogs.understand import codes
from gateway.app import Application
from gateway.config import Config
from gateway.rehearsal.disguise import Disguise
from gateway.rehearsal.player import AGAIN, DIAL, HANG_UP, Player
from gateway.rehearsal.staff import EVERYBODY
from gateway.rehearsal.stage import stage
from gateway.replay import staff
from gateway.replay.compare import same
from gateway.replay.story import Acted, Heard, Moment, Passed, Story, Wished
from gateway.work.casework import NotPossible
from store import sight
from store.past import Notice

#: Who cases are given to, in the order in which their names come up.
_TEAM = ("beto", "carla", "dario", "elsa")
#: What happened to a case, and the word for doing it.
_ACTS = {
    "assigned": "assign",
    "started": "start",
    "planned": "plan",
    "resolved": "resolve",
    "reopened": "reopen",
    "not_competent": "not_competent",
    "noted": "note",
    "relabelled": "relabel",
    "merged": "merge",
    "split": "split",
}
_MINUTE = timedelta(minutes=1)
_UNITS = (("day", 24 * 60), ("hour", 60), ("minute", 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Retold:
    """The transcript, and how often the play says something else than was said."""

    text: str
    differences: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A broadcast reached the person."""

    at: datetime
    notice: Notice


async def retell(config: Config, story: Story, about: str | None) -> Retold:
    """Tell one person's story; ``about`` the code of a case: only from its first word to its last."""
    async with stage(config) as (application, player):
        return await _Teller(app=application, player=player, story=story).tell(_part(story, about))


def _part(story: Story, about: str | None) -> list[Moment | Announced]:
    past = story.past
    notices = {
        one.broadcast_id: Announced(at=one.at, notice=past.notices[one.broadcast_id])
        for one in past.told
        if one.broadcast_id is not None
    }
    moments: list[Moment | Announced] = [one for one in story.moments if not isinstance(one, Passed)]
    whole = sorted([*moments, *notices.values()], key=lambda one: one.at)
    if about is None:
        return whole
    case = next(one.case for one in past.happened if one.case.code == about)
    told = [one.at for one in past.told if one.case_id == case.id]
    mine = [at for at, one in enumerate(whole) if _is_about(one, case.id) or one.at in told]
    return whole[mine[0] : mine[-1] + 1] if mine else []


def _is_about(one: Moment | Announced, case_id: int) -> bool:
    match one:
        case Heard():
            return one.said.case_id == case_id
        case Acted():
            return one.of.case.id == case_id
        case _:
            return False


@dataclass(slots=True, kw_only=True)
class _Teller:
    """Puts moments into lines and has each played before the next is written."""

    app: Application
    player: Player
    story: Story
    disguise: Disguise = field(default_factory=Disguise)
    kind: ChannelKind = ChannelKind.SMS
    typed: dict[str, str] = field(default_factory=dict)
    team: dict[str, str] = field(default_factory=dict)
    real: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)
    differences: int = 0

    async def tell(self, moments: Sequence[Moment | Announced]) -> Retold:
        """Tell these."""
        if not moments:
            return Retold(text="", differences=0)
        first = moments[0].at
        await self.player.line(f"start: {first.astimezone(self._zone):%Y-%m-%d %H:%M}")
        gone = 0
        self.real = [one.case.code for one in self.story.past.happened if one.case.opened_at >= first]
        for one in moments:
            now = round((one.at - first) / _MINUTE)
            if now > gone:
                self.unasked += await self._played(f"@ +{_time(now - gone)}")
                gone = now
            await self._tell(one)
        await self._what_else(first, moments[-1].at)
        return Retold(text=self.player.played(), differences=self.differences)

    async def _tell(self, one: Moment | Announced) -> None:
        match one:
            case Heard():
                await self._hear(one)
            case Acted():
                await self._act(one)
            case Announced():
                await self._announce(one.notice)
            case Wished():
                await self.player.line(f"# The provider told us: no more messages ({one.wish.kind}).")
            case Passed():
                pass  # the clock moves anyway
            case _:
                assert_never(one)

    async def _hear(self, one: Heard) -> None:
        kind = ChannelKind.SMS if one.said.session_key is None else ChannelKind.USSD
        if kind is not self.kind:
            self.kind = kind
            await self.player.line(f"channel: {kind}")
        await self._learn_codes()
        said: list[str] = []
        for line in self._lines(one):
            said = await self._played(f"> {line}")
        await self._learn_codes()
        told = [self.disguise(text.text) for text in one.told if text.went]
        if not same(sorted(told), sorted(said)):
            self.differences += 1
            for text in told or ["(nothing)"]:
                await self._remark(f"What was said: {text}")

    def _lines(self, one: Heard) -> list[str]:
        """What the person typed: a text; or of a screen's transcript the part that is new."""
        said = one.said
        if said.session_key is None:
            return [self.disguise(" ".join(said.text.split()))]
        if said.session_event == SessionEvent.CLOSE:
            return [HANG_UP]
        before = self.typed.get(said.session_key)
        self.typed[said.session_key] = said.text
        if before is None:
            return [DIAL, *(self.disguise(part) for part in said.text.split("*") if said.text)]
        if said.text == before:
            return [AGAIN]
        return [self.disguise(said.text.removeprefix(before).removeprefix("*"))]

    async def _act(self, one: Acted) -> None:
        await self._learn_codes()
        case, event = one.of.case, one.event
        if event.what == "opened":
            await self._staff(f"open {_quoted(self.disguise(case.description))}")
            return
        played = await self.app.store.read(sight.codes)
        stands_for = dict(zip(self.real, played, strict=False))
        code = stands_for.get(case.code)
        if code is None:
            await self._remark(f"staff: {event.what} on a case that is not part of this")
            return
        which = [] if code == played[-1] and event.what != "merged" else [codes.show(code)]
        await self._staff(" ".join([_ACTS[event.what], *which, *self._words(one)]))

    def _words(self, one: Acted) -> list[str]:
        """What an act is given besides its case."""
        data = one.event.data
        words: Mapping[str, Callable[[], list[str]]] = {
            "assigned": lambda: [self._member(str(data["to"]))],
            "planned": lambda: [f"{staff.due(one).astimezone(self._zone):%Y-%m-%d}"],
            "resolved": lambda: [_quoted(self.disguise(self._reply(one)))],
            "not_competent": lambda: [_quoted(str(data["body"]))],
            "noted": lambda: [_quoted(staff.LOST)],
            "merged": lambda: [self.disguise(codes.show(data["into"]))],
            "relabelled": lambda: [
                data["category"],
                *([data["place"]] if data["place"] != data["was"]["place"] else []),
            ],
        }
        return words.get(one.event.what, list)()

    async def _staff(self, words: str) -> None:
        try:
            self.unasked += await self._played(f"staff: {words}")
        except NotPossible as refusal:
            self.differences += 1
            await self._remark(f"staff: {words} ({refusal})")

    async def _announce(self, notice: Notice) -> None:
        city = self.app.config.city
        place = city.places.get(notice.place or "")
        where = _quoted(place.name) if place else EVERYBODY
        text = notice.texts.get(city.languages[0]) or next(iter(notice.texts.values()))
        await self._staff(f"broadcast {where} {_quoted(self.disguise(text))}")

    async def _what_else(self, first: datetime, last: datetime) -> None:
        """What nobody had asked for, if it is not the same."""
        [contact] = self.story.past.people
        told = [one for one in self.story.unasked.get(contact, ()) if one.went and first <= one.at <= last]
        left = list(self.unasked)
        for text in (self.disguise(one.text) for one in told):
            likewise = next((one for one in left if same([text], [one])), None)
            if likewise is None:
                self.differences += 1
                await self._remark(f"What was said too, unasked: {text}")
            else:
                left.remove(likewise)

    async def _played(self, line: str) -> list[str]:
        """Play a line; give the texts that came of it."""
        before = len(self.player.said)
        await self.player.line(line)
        return self.player.said[before:]

    async def _remark(self, words: str) -> None:
        await self.player.line("# " + " / ".join(words.split("\n")))

    async def _learn_codes(self) -> None:
        """Cases open in the same order as they did then."""
        for real, played in zip(self.real, await self.app.store.read(sight.codes), strict=False):
            self.disguise.code(real, played)

    def _reply(self, one: Acted) -> str:
        notices = [told for told in self.story.past.told if told.case_id == one.of.case.id and told.at == one.at]
        return staff.reply(self.app.house, one, notices[0].text if notices else "")

    def _member(self, name: str) -> str:
        return self.team.setdefault(name, _TEAM[len(self.team) % len(_TEAM)])

    @property
    def _zone(self) -> tzinfo:
        return self.app.config.service.timezone


def _time(minutes: int) -> str:
    """``3 days 2 hours``."""
    parts = []
    for unit, size in _UNITS:
        count, minutes = divmod(minutes, size)
        if count:
            parts.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return " ".join(parts)


def _quoted(words: str) -> str:
    """In double quotes, as ``shlex`` reads them."""
    made = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{made}"'
