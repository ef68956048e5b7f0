"""Twelve bugs that the battery of tests must catch, each as a change of the text of one or two files.

They are planted into a copy of the tree, never into the product, and there is no switch for any of them. A change whose
old text no longer stands where it was is a failure: then the bug must be planted anew.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """``says`` is what goes wrong. ``changes`` are ``(file, old text, new text)``; each old text stands there once.

    ``simulated``: the simulation alone catches it.
    """

    name: str
    says: str
    changes: tuple[tuple[str, str, str], ...]
    simulated: bool = True


BUGS = (
    Bug(
        name="ack before commit",
        says="a webhook is answered before what it brought is on disk",
        changes=(
            (
                "gateway/inbound/inbox.py",
                "            answers = [await self._paced(item, sender) for item, sender in sent]\n",
                """\
            later = [one for one in sent if getattr(one[0], 'session_key', None) is None]
            for one in later:
                __import__('asyncio').ensure_future(self._paced(*one))
            answers = [await self._paced(*one) for one in sent if one not in later]
""",
            ),
        ),
    ),
    Bug(
        name="missing unique",
        says="the same message of a provider is kept, and acted on, as often as it comes",
        changes=(
            (
                "store/messages.py",
                '    .on_conflict_do_nothing(index_elements=["channel", "external_id"])\n',
                "",
            ),
            (
                "store/schema/conversations.py",
                '    sa.UniqueConstraint("channel", "external_id"),\n    sa.Index(\n        "ix_inbound_case_id",',
                '    sa.Index(\n        "ix_inbound_case_id",',
            ),
            (
                "store/migrations/versions/0001_the_first_tables.py",
                '        sa.UniqueConstraint("channel", "external_id", name="uq_inbound_channel_external_id"),\n',
                "",
            ),
        ),
    ),
    Bug(
        name="forget lease",
        says="a message is marked as being sent, and nothing says until when",
        changes=(("gateway/outbound/handover.py", "lease_until=now + LEASE", "lease_until=None"),),
    ),
    Bug(
        name="drop DLR",
        says="a report that comes before we know the provider's id is forgotten",
        changes=(("gateway/outbound/receipts.py", "    receipts.park(tx, unknown, now)\n", ""),),
    ),
    Bug(
        name="reuse code",
        says="a code is not kept as given out, so that it can be given out again",
        changes=(("store/cases.py", '    _TAKE.each(tx, [{"code": row.code} for row in ordered])\n', ""),),
    ),
    Bug(
        name="skip opt-out re-check at hand-over",
        says="who opted out still gets what was queued",
        changes=(("gateway/outbound/handover.py", "    if unasked and row.opted_out:\n", "    if False:\n"),),
    ),
    Bug(
        name="restart broadcast from 0",
        says="a broadcast begins anew instead of going on where it stood",
        changes=(("gateway/work/broadcasts.py", "after=kept.cursor, last=", "after=0, last="),),
    ),
    Bug(
        name="local time for due dates",
        says="a date promised in local time is stored as if it were UTC",
        changes=(
            (
                "dialogs/calendar.py",
                "    return datetime.combine(day, CLOSING, tzinfo=tz).astimezone(UTC)\n",
                "    return datetime.combine(day, CLOSING, tzinfo=UTC)\n",
            ),
        ),
    ),
    Bug(
        name="log the body",
        says="what a person wrote stands in the log",
        changes=(
            (
                "gateway/inbound/arrivals.py",
                'log.info("message_repeated", channel=one.message.channel)',
                'log.info("message_repeated", channel=one.message.channel, said=one.message.text)',
            ),
        ),
    ),
    Bug(
        name="skip check digit",
        says="any nine digits are taken for a code",
        simulated=False,
        changes=(("dialogs/understand/codes.py", "    return bool(damm.is_valid(code))\n", "    return True\n"),),
    ),
    Bug(
        name="autoescape off",
        says="what people write is put into pages as it is",
        simulated=False,
        changes=(("gateway/web/pages.py", "        autoescape=True,\n", "        autoescape=False,\n"),),
    ),
    Bug(
        name="retry in_doubt blindly",
        says="a message that may have gone is sent again and again, a broadcast too",
        changes=(
            (
                "gateway/outbound/results.py",
                "    return None if doubted or kind is MessageKind.BROADCAST else DOUBT\n",
                "    return DOUBT\n",
            ),
        ),
    ),
)
