"""Every invariant: a healthy run has no violation, and each planted fault is found by its name.

The fault is planted in what others saw or in the database, one at a time; a check that cannot fail is worthless.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from dialogs.cases import CaseStatus
from dialogs.messages import Consent, DeliveryReport, DeliveryStatus, InboundMessage, MessageKind
from dialogs.outreach import Audience
from gateway import invariants
from gateway.invariants import Delivered, HandedOver, Reported, inbound, limits, outbound, reports, secrecy, text_hash
from gateway.invariants import broadcasts as of_broadcasts
from gateway.invariants import cases as of_cases
from gateway.outbound import receipts
from gateway.work import broadcasts
from store import cases, contacts, messages, schema
from store.messages import InboundState, Settled

TOLD = "poste caido"
SECOND = timedelta(seconds=1)


@dataclass(slots=True)
class Town:
    """A gateway that has worked for a morning, and what others saw of it. Each act comes some seconds later."""

    world: Any
    w: list[Delivered] = field(default_factory=list)
    p: list[HandedOver] = field(default_factory=list)
    d: list[Reported] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    async def hears(self, contact: Any, text: str = TOLD) -> int:
        """A message comes in, is kept, and is acknowledged."""
        at, name = self.later(), f"X{len(self.w) + 1}"
        message = InboundMessage(
            channel="demo", external_id=name, sender=contact.msisdn, recipient="4040", text=text, received_at=at
        )

        def work(tx: Any) -> int:
            [kept] = messages.record(tx, [(message, contact.id)])
            messages.settle(tx, [Settled(id=kept, state=InboundState.DONE, rule="report")])
            return kept

        kept = await self.world.store.transact(work)
        one = Delivered(
            at=at, channel="demo", external_id=name, sender=contact.msisdn, text_hash=text_hash(text), status=200
        )
        self.w.append(replace(one, answered_at=self.later()))
        return kept

    async def says(self, contact: Any, kind: MessageKind = MessageKind.REPLY, **more: Any) -> int:
        """A message goes out, and is reported delivered."""
        ours = await self.world.queue(contact, kind, **more)
        await self.sends()
        return ours

    async def sends(self) -> None:
        """All that may go goes, is noted by the provider and reported by it."""
        self.later()
        seen = len(self.world.network.sent)
        await self.world.drain()
        told = []
        for number, body in enumerate(self.world.network.sent[seen:], start=seen + 1):
            row = await self.world.row(int(str(body["id"]).partition("-")[0]))
            at = self.later()
            theirs = f"P{number}"
            line = HandedOver(
                at=at,
                channel=row.channel,
                our_id=row.id,
                recipient=row.recipient,
                text=row.text,
                answered=True,
                external_id=theirs,
            )
            self.p.append(line)
            self.d.append(Reported(at=at, channel=row.channel, external_id=theirs, status=DeliveryStatus.DELIVERED))
            told.append(DeliveryReport(channel=row.channel, external_id=theirs, status=DeliveryStatus.DELIVERED, at=at))
        await self.world.transact(receipts.apply, told, self.world.clock.now())

    async def notice(self) -> int:
        """A broadcast to everybody, of one person's making and another's approval, queued whole."""
        self.world.configure("broadcasts", approve_above=0)
        house, now = self.world.house, self.later()
        made = await self.world.store.transact(
            lambda tx: broadcasts.create(tx, house, now, "ana", {"es": "corte de agua"}, Audience())
        )
        await self.world.transact(broadcasts.approve, now, "luis", made.id)
        await self.world.transact(broadcasts.expand, house, self.later())
        return made.id

    def later(self, **by: float) -> Any:
        self.world.clock.advance(**(by or {"seconds": 3}))
        return self.world.clock.now()

    async def sql(self, statement: Any) -> None:
        await self.world.store.transact(lambda tx: tx.execute(statement))

    async def found(self) -> list[tuple[str, str]]:
        """What does not hold: names and what is wrong, each once."""
        given = {"config": self.world.config, "now": self.world.clock.now()} | self.more
        all_found = await self.world.store.read(lambda tx: invariants.check(self.w, self.p, self.d, tx, **given))
        return sorted({(one.invariant, one.what) for one in all_found})


@pytest.fixture
async def town(world) -> Town:
    """Two people wrote; one is answered, one's case is resolved and asked about; a notice went to both."""
    made = Town(world)
    ana, beto = await world.person(1), await world.person(2)
    heard = await made.hears(ana)
    made.later()
    code = await world.open_case(ana, description=TOLD)
    await made.says(ana, in_reply_to=heard)
    await world.resolve(code)
    await made.says(ana, MessageKind.FOLLOWUP, text="ya esta?")
    await made.hears(beto, "gracias")
    made.later()
    await made.notice()
    await made.sends()
    return made


async def test_a_healthy_run_has_no_violation(town) -> None:
    assert (len(town.w), len(town.p), len(town.d)) == (2, 4, 4)
    assert await town.found() == []


async def test_without_evidence_it_is_what_the_doctor_asks(town) -> None:
    await town.sql(sa.update(schema.cases).values(status=CaseStatus.CLOSED))
    w, town.w, town.p, town.d = town.w, [], [], []
    now = town.world.clock.now()
    standing = await town.world.store.read(lambda tx: invariants.standing(tx, now))
    assert sorted({(one.invariant, one.what) for one in standing}) == await town.found() != []
    assert w


Plant = Callable[[Town], Awaitable[None]]
PLANTS: list[tuple[str, str, Plant]] = []


def plants(invariant: str, *whats: str) -> Callable[[Plant], Plant]:
    """The decorated fault is found as this invariant, in these words and no others."""

    def add(plant: Plant) -> Plant:
        PLANTS.extend((invariant, what, plant) for what in whats)
        return plant

    return add


_o, _i, _c, _f, _b = (
    schema.outbound.c,
    schema.inbound.c,
    schema.cases.c,
    schema.followups.c,
    schema.broadcasts.c,
)


@plants("I1", inbound.LOST)
async def _acknowledged_and_not_kept(town: Town) -> None:
    town.w.append(replace(town.w[1], external_id="X99"))


@plants("I1", inbound.UNTOUCHED)
async def _kept_and_not_acted_on(town: Town) -> None:
    await town.sql(sa.update(schema.inbound).where(_i.id == 1).values(state="new"))


@plants("I2", inbound.SAID_TWICE)
async def _answered_twice(town: Town) -> None:
    ana = (await town.world.rows("contacts"))[0]
    await town.says(ana, in_reply_to=1)


@plants("I2", inbound.OPENED_TWICE)
async def _one_message_became_two_cases(town: Town) -> None:
    ana = (await town.world.rows("contacts"))[0]
    await town.world.open_case(ana, description=TOLD)


@plants("I3", outbound.UNKNOWN)
async def _a_stranger_sends_in_our_name(town: Town) -> None:
    town.p.append(replace(town.p[0], our_id=999, external_id="P999"))


@plants("I3", outbound.NEVER)
async def _never_reached_the_provider(town: Town) -> None:
    del town.p[0]


@plants("I3", outbound.FORBIDDEN)
async def _a_screen_was_sent(town: Town) -> None:
    await town.sql(sa.update(schema.outbound).where(_o.id == 1).values(state="answered"))
    town.d = town.d[1:]


@plants("I3", outbound.WAITS)
async def _due_and_does_not_go(town: Town) -> None:
    await town.world.queue((await town.world.rows("contacts"))[1])
    town.later(minutes=2)


@plants("I3", outbound.AGAIN, outbound.DOUBLES)
async def _sent_twice_and_nobody_knows(town: Town) -> None:
    town.p.append(replace(town.p[0], at=town.later(), external_id="P9"))


@plants("I3", outbound.THRICE)
async def _sent_three_times(town: Town) -> None:
    await town.sql(sa.update(schema.outbound).where(_o.id == 1).values(doubted=True))
    town.p += [replace(town.p[0], at=town.later(), answered=False, external_id=name) for name in ("P8", "P9")]
    town.p[0] = replace(town.p[0], answered=False)


@plants("I3", outbound.MASS_TWICE)
async def _a_notice_again_to_the_same(town: Town) -> None:
    await town.sql(sa.update(schema.outbound).where(_o.id == 4).values(doubted=True))
    town.p[-1] = replace(town.p[-1], answered=False)
    town.p.append(replace(town.p[-1], at=town.later(), answered=True))


@plants("I4", outbound.OUT_OF_ORDER)
async def _the_later_reply_first(town: Town) -> None:
    beto = (await town.world.rows("contacts"))[1]
    for _ in range(2):
        await town.says(beto)
    town.p[-2:] = [replace(town.p[-1], at=town.p[-2].at), replace(town.p[-2], at=town.p[-1].at)]


@plants("I4", outbound.OUT_OF_ORDER)
async def _a_notice_before_the_answer_that_waited(town: Town) -> None:
    beto = (await town.world.rows("contacts"))[1]
    await town.world.queue(beto, MessageKind.NOTICE)
    await town.sends()
    await town.says(beto)
    await town.sql(sa.update(schema.outbound).where(_o.id == 6).values(created_at=town.p[-2].at - 9 * SECOND))


@plants("I4", inbound.OUT_OF_ORDER)
async def _acted_on_in_another_order(town: Town) -> None:
    ana = (await town.world.rows("contacts"))[0]
    await town.hears(ana, "y otra cosa")
    await town.sql(sa.update(schema.inbound).where(_i.id == 3).values(id=0))


@plants("I5", f"1 {inbound.STUCK}")
async def _heard_and_left(town: Town) -> None:
    await town.sql(sa.update(schema.inbound).where(_i.id == 1).values(state="new"))
    town.w = town.w[1:]
    town.later(minutes=2)


@plants("I5", f"1 {outbound.LAPSED}")
async def _a_lease_without_end(town: Town) -> None:
    await town.sql(sa.update(schema.outbound).where(_o.id == 1).values(lease_until=town.world.clock.now()))
    town.later(minutes=2)


@plants("I6", of_cases.CODE_FREE)
async def _a_code_that_can_be_given_again(town: Town) -> None:
    await town.sql(sa.delete(schema.codes))


@plants("I7", of_cases.UNASKED)
async def _resolved_and_never_asked(town: Town) -> None:
    await town.sql(sa.delete(schema.followups))


@plants("I7", of_cases.STALE)
async def _asked_about_what_is_past(town: Town) -> None:
    await town.sql(sa.update(schema.followups).where(_f.kind == "close").values(resolution_no=7))


@plants("I8", outbound.OPTED_OUT)
async def _a_notice_after_the_opt_out(town: Town) -> None:
    beto = (await town.world.rows("contacts"))[1]
    await town.world.transact(contacts.consent, beto.id, Consent.OUT, "demo", town.later())
    town.later()
    await town.sql(sa.update(schema.contacts).values(opted_out_at=None))
    await town.says(beto, MessageKind.NOTICE)


@plants("I9", outbound.QUIET)
async def _a_notice_at_night(town: Town) -> None:
    town.world.configure("quiet_hours", start=time(9), end=time(12))


@plants("I9", outbound.QUIET)
async def _a_late_answer_at_night(town: Town) -> None:
    await town.sql(sa.update(schema.outbound).values(kind="reply"))
    town.world.configure("quiet_hours", start=time(9), end=time(12))
    assert await town.found() == []  # who wrote a moment ago is awake
    early = town.world.clock.now() - timedelta(hours=1)
    await town.sql(sa.update(schema.outbound).where(_o.id == 1).values(created_at=early))
    await town.sql(sa.update(schema.inbound).values(received_at=early))


@plants("I10", of_broadcasts.LEFT_OUT)
async def _somebody_was_left_out(town: Town) -> None:
    await town.world.person(3)
    long_ago = town.world.clock.now() - timedelta(days=1)
    await town.sql(sa.update(schema.contacts).where(schema.contacts.c.id == 3).values(last_seen_at=long_ago))
    await town.sql(sa.update(schema.broadcasts).values(last_contact=3))


@plants("I10", of_broadcasts.NOT_STOPPED)
async def _stopped_and_goes_on(town: Town) -> None:
    await town.notice()
    await town.sql(sa.update(schema.broadcasts).where(_b.id == 2).values(status="cancelled"))


@plants("I10", of_broadcasts.TWICE)
async def _a_broadcast_from_the_beginning(town: Town) -> None:
    ana = (await town.world.rows("contacts"))[0]
    again = await town.says(ana, MessageKind.BROADCAST)
    await town.sql(sa.text("DROP INDEX uq_outbound_broadcast"))
    await town.sql(sa.update(schema.outbound).where(_o.id == again).values(broadcast_id=1))


@plants("I11", of_broadcasts.ALONE)
async def _nobody_else_agreed(town: Town) -> None:
    await town.sql(sa.update(schema.broadcasts).values(approved_by="ana"))


@plants("I11", of_broadcasts.CHANGED)
async def _the_text_was_changed(town: Town) -> None:
    await town.sql(sa.update(schema.broadcasts).values(texts={"es": "vote por mi"}))


@plants("I11", of_broadcasts.CHANGED)
async def _the_text_and_its_hash_were_changed(town: Town) -> None:
    texts = {"es": "vote por mi"}
    named = of_broadcasts.fingerprint(texts, Audience())
    await town.sql(sa.update(schema.broadcasts).values(texts=texts, text_hash=named))


@plants("I12", reports.LOST)
async def _a_report_vanished(town: Town) -> None:
    town.d.append(replace(town.d[0], external_id="P77"))


@plants("I12", reports.BACKWARDS)
async def _delivered_and_then_only_sent(town: Town) -> None:
    await town.sql(sa.update(schema.outbound).where(_o.id == 1).values(state="sent"))


@plants("I12", reports.BACKWARDS)
async def _sent_and_not_noted(town: Town) -> None:
    await town.sql(sa.update(schema.outbound).where(_o.id == 1).values(state="accepted"))
    town.d[0] = replace(town.d[0], status=DeliveryStatus.SENT)


@plants("I12", reports.INVENTED)
async def _delivered_by_hearsay(town: Town) -> None:
    del town.d[0]


@plants("I13", of_cases.ADRIFT)
async def _a_status_that_history_does_not_know(town: Town) -> None:
    await town.sql(sa.update(schema.cases).values(status="planned"))
    await town.sql(sa.update(schema.followups).values(status="cancelled"))


@plants("I13", of_cases.ILLEGAL)
async def _a_move_that_cannot_be(town: Town) -> None:
    data = {"status": "received"}
    await town.world.store.transact(
        lambda tx: cases.change(tx, 1, actor="x", what="forged", at=town.later(), data=data)
    )
    await town.sql(sa.update(schema.cases).values(status="received"))
    await town.sql(sa.update(schema.followups).values(status="cancelled"))


@plants("I13", of_cases.NAMELESS)
async def _an_act_of_nobody(town: Town) -> None:
    await town.world.store.transact(lambda tx: cases.change(tx, 1, actor=" ", what="noted", at=town.later(), data={}))


@plants("I13", of_cases.UNLINKED)
async def _a_link_of_a_case_that_is_not_merged(town: Town) -> None:
    link = {"case_id": 1, "into_id": 1, "stood": "received", "at": town.later()}
    await town.sql(sa.insert(schema.merges).values(link))


@plants("I14", of_cases.CHANGED)
async def _history_rewritten(town: Town) -> None:
    await town.sql(sa.update(schema.case_events).where(schema.case_events.c.seq == 1).values(actor="nobody"))


@plants("I14", of_cases.AUDIT_CHANGED)
async def _the_audit_log_rewritten(town: Town) -> None:
    await town.sql(sa.update(schema.audit).where(schema.audit.c.seq == 1).values(actor="nobody"))


@plants("I14", of_cases.DIGEST_CHANGED)
async def _a_case_taken_out_whole(town: Town) -> None:
    now = town.later(hours=1)
    await town.world.transact(cases.digest, now.date(), now)
    for table in (schema.followups, schema.case_events, schema.promises, schema.cases):
        await town.sql(sa.delete(table))


@plants("I15", limits.NOBODY)
async def _a_word_to_ourselves(town: Town) -> None:
    """Twice, so that it is no message of the outbox that others miss."""
    ours = "+59170009999"
    await town.sql(sa.update(schema.outbound).where(_o.id == 3).values(recipient=ours))
    town.p[2] = replace(town.p[2], recipient=ours)


@plants("I15", limits.FLOODED)
async def _more_in_ten_minutes_than_allowed(town: Town) -> None:
    town.world.configure("limits", contact_10_minutes=2)


@plants("I15", limits.OVER_A_DAY)
async def _more_in_a_day_than_allowed(town: Town) -> None:
    town.world.configure("limits", contact_day=2)


@plants("I15", limits.PREFIX)
async def _too_many_to_one_block_of_numbers(town: Town) -> None:
    town.world.configure("limits", prefix_day=1)


@plants("I16", limits.CHANNEL, limits.COUNTRY, limits.CAMPAIGN)
async def _more_spent_than_allowed(town: Town) -> None:
    town.world.configure("limits", channels={"demo": 3}, country_segments=3, campaign_segments=1)


@plants("I17", secrecy.SAID)
async def _a_number_in_the_log(town: Town) -> None:
    town.more = {"logs": ['{"event": "sent"}\n{"event": "to +59170000001"}\n'], "secrets": ["s3cr3t"]}


# What is asked of PostgreSQL in other words than of SQLite is asked by the healthy run as well.
@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("invariant", "what", "plant"), PLANTS, ids=[f"{name} {plant.__name__[1:]}" for name, _, plant in PLANTS]
)
async def test_each_planted_fault_is_found_by_its_name(town, invariant: str, what: str, plant: Plant) -> None:
    await plant(town)
    alike = {(name, words) for name, words, one in PLANTS if one is plant}
    assert set(await town.found()) == alike
    assert (invariant, what) in alike


def test_every_invariant_has_a_planted_fault() -> None:
    assert {name for name, _, _ in PLANTS} == {f"I{number}" for number in range(1, 18)}


async def test_crashes_explain_so_many_doubles_and_no_more(town) -> None:
    await town.sql(sa.update(schema.outbound).where(_o.id == 1).values(doubted=True))
    town.p.append(replace(town.p[0], at=town.later(), external_id="P9"))
    town.more = {"crashes": 1, "concurrency": 1}
    assert await town.found() == []
    town.more = {"crashes": 0}
    assert await town.found() == [("I3", outbound.DOUBLES)]


async def test_a_provider_that_knows_our_ids_may_be_asked_twice(town) -> None:
    ana = (await town.world.rows("contacts"))[0]
    await town.says(ana, channel="phone")
    town.p.append(replace(town.p[-1], at=town.later()))
    assert await town.found() == []


async def test_a_message_whose_answer_was_never_read_is_known_by_its_words(town) -> None:
    town.p[0] = replace(town.p[0], our_id=None, external_id="lost", answered=False)
    town.d[0] = replace(town.d[0], external_id="P77", our_id=1)
    await town.sql(sa.update(schema.outbound).where(_o.id == 1).values(doubted=True, external_id="P77"))
    assert await town.found() == []


async def test_of_two_that_say_the_same_the_older_is_the_one_whose_answer_was_lost(town) -> None:
    """The provider had the first and we died; it refused the second. Both went again, and named themselves then."""
    beto = (await town.world.rows("contacts"))[1]
    for _ in range(2):
        await town.says(beto, text="listo")
    early = town.p[-2].at - 2 * SECOND
    lost = replace(town.p[-2], our_id=None, external_id="lost", at=early)
    refused = replace(town.p[-1], our_id=None, external_id="refused", at=early + SECOND, taken=False)
    town.p[-2:] = [lost, refused, *(replace(one, our_id=None) for one in town.p[-2:])]
    values = {"doubted": True, "created_at": early}
    await town.sql(sa.update(schema.outbound).where(_o.text == "listo").values(**values))
    town.more = {"crashes": 1, "concurrency": 1}
    assert await town.found() == []


async def test_a_message_that_was_lost_twice_is_still_one_message(town) -> None:
    beto = (await town.world.rows("contacts"))[1]
    await town.says(beto, text="listo")
    lost = replace(town.p[-1], our_id=None, external_id="lost", answered=False)
    town.p[-1:] = [lost, replace(lost, at=town.later(), external_id="lost again")]
    del town.d[-1]
    values = {"doubted": True, "state": "in_doubt", "external_id": None}
    await town.sql(sa.update(schema.outbound).where(_o.text == "listo").values(**values))
    assert await town.found() == []
    town.p.append(replace(lost, at=town.p[0].at - timedelta(minutes=1), external_id="before it was written"))
    assert await town.found() == [("I3", outbound.UNKNOWN)]


async def test_what_was_given_up_long_ago_is_not_what_a_provider_took_of_later_words(town) -> None:
    """We died twice before the first could leave us, and gave it up. The last says the same, and its answer was lost."""
    beto = (await town.world.rows("contacts"))[1]
    for text in ("listo", "recibido", "listo"):
        await town.says(beto, text=text)
    first = min(row.id for row in await town.world.rows("outbound") if row.text == "listo")
    lost = replace(town.p[-1], our_id=None, external_id="lost", answered=False)
    again = replace(town.p[-1], our_id=None, at=town.later())
    town.p[-3:] = [town.p[-2], lost, again]
    town.d[-3:] = town.d[-2:]
    long_ago = town.p[-3].at - timedelta(minutes=2)
    await town.sql(sa.update(schema.outbound).where(_o.text == "listo").values(doubted=True))
    never = {"state": "in_doubt", "external_id": None, "created_at": long_ago, "handed_at": long_ago}
    await town.sql(sa.update(schema.outbound).where(_o.id == first).values(**never))
    assert await town.found() == []
