"""`barrio transcript`: a real conversation in the form of a test, with nobody's numbers in it."""

import asyncio

import click

from dialogs.contacts import normalise_msisdn
from gateway.cli.desk import Desk, Fault
from gateway.cli.shell import Command, acts, pass_desk
from gateway.rehearsal.player import TooLong
from gateway.rehearsal.retell import Retold, retell
from gateway.replay import story as stories
from gateway.replay.story import Story
from gateway.work import casework
from gateway.work.casework import NotPossible
from store import Tx, contacts


@click.command(cls=Command)
@click.argument("whose")
@acts
@pass_desk
def transcript(desk: Desk, whose: str, actor: str) -> None:
    """Print a conversation as a transcript, ready to become a test.

    WHOSE is a telephone number (+591…): all that it said; or the code of a case: from the case's first word to its
    last. An anonymous case has no transcript, and stands in nobody's. Put the output into tests/transcripts/ and run
    make transcripts. Numbers, codes and staff's names are replaced by nobody's; what is confidential is read on record,
    as with case show.
    """
    story, about = desk.read(lambda tx: _whose(tx, desk, whose))
    if story.left_out:
        raise Fault("words of this conversation were erased: there is nothing whole to tell")
    secret = [one.case.code for one in story.past.happened if one.case.confidential]
    if secret:
        desk.transact(lambda tx: [casework.read(tx, desk.clock.now(), actor, code) for code in secret])
    try:
        told = asyncio.run(retell(desk.config(), story, about))
    except TooLong as wrong:
        raise Fault(f"this working tree says something that does not fit: {wrong}") from None
    for line in _hints(told, confidential=bool(secret)):
        click.echo(line, err=True)
    shape = {"transcript": told.text, "differences": told.differences, "confidential": bool(secret)}
    desk.say(shape, lambda _: click.echo(told.text, nl=False))


def _whose(tx: Tx, desk: Desk, written: str) -> tuple[Story, str | None]:
    """The story, and the case that it is to be about if a case was named."""
    msisdn = normalise_msisdn(written.replace(" ", ""), desk.config().service.country)
    if msisdn is not None:
        person = contacts.by_msisdn(tx, msisdn)
        if person is None:
            raise NotPossible("nobody with this number has written to us")
        return stories.read(tx, [person.id]), None
    case = casework.find(tx, written)
    if case.anonymous:
        raise NotPossible("this case is anonymous: nobody reads what its resident said besides; try barrio case show")
    if case.contact_id is None:
        raise NotPossible("this case has no telephone: there was no conversation")
    return stories.read(tx, [case.contact_id]), case.code


def _hints(told: Retold, *, confidential: bool) -> list[str]:
    hints = ["Names stay in people's words: read it before you keep it."]
    if confidential:
        hints.append("It touches a confidential case.")
    if told.differences:
        hints.append(f"This working tree does not say all as it was said: {told.differences} remarks tell what was.")
    return hints
