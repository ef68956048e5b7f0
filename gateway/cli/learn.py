"""``barrio learn``: learn from labelled texts what the city's own words do not say."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from dialogs.city import City, Learned
from dialogs.understand import intents
from gateway.cli.desk import Desk, Fault
from gateway.cli.shell import Command, pass_desk
from gateway.evaluation import learning
from gateway.evaluation.rows import Row, Unreadable, read
from gateway.evaluation.totals import Told, Totals, add_up, look

#: In so many parts, each of which is guessed by what was learnt from the others.
FOLDS = 5
_SECRET = {False: "no", True: "yes"}


@click.command(cls=Command)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--judge", is_flag=True, help="Say how well it guesses texts that it did not learn from; takes minutes.")
@click.option("--residents", is_flag=True, help="They are residents' own: leave out what fewer than 3 of them say.")
@pass_desk
def learn(desk: Desk, files: Sequence[Path], *, judge: bool, residents: bool) -> None:
    """Learn the kinds of problem from labelled texts.

    Writes learned.json into the city's folder. FILES have one JSON object a line: "text", "category", "sensitive",
    "intent"; without any, all of the folder texts/ beside it. What is learnt is read by everybody who gets the folder:
    no number is ever in it, and for residents' own texts say --residents, or a name could be. What the texts say
    nothing about (what is sensitive, what is no report) stays as it was learnt.
    """
    config = desk.config()
    folder = config.city_folder
    files = files or sorted((folder / "texts").glob("*.jsonl"))
    try:
        rows = [row for file in files for row in read(file)]
    except Unreadable as trouble:
        raise Fault(str(trouble)) from None
    named = [row for row in rows if row.category]
    examples = [(row.text, row.category) for row in named if row.category]
    seen = learning.PRIVATE if residents else 1
    sensitive = _sensitive(rows, seen) or config.city.sensitive
    if not examples or sensitive is None:
        raise Fault('there is nothing to learn from: the texts have no "category", or none has "sensitive"')
    bare = replace(config.city, learned=None)
    target = folder / "learned.json"
    models = {
        "categories": learning.learn(examples, tuple(bare.categories), seen=seen),
        "intents": _intents(rows, seen) or config.city.intents,
        "sensitive": sensitive,
    }
    learning.keep({name: one for name, one in models.items() if one is not None}, target)
    judged = _judge(bare, named, desk.clock.now()) if judge else {}

    def people(to: Console) -> None:
        to.print(f"Learnt from {len(examples)} texts: {target}", markup=False)
        for name, one in judged.items():
            by = "by the city's words" if name == "words" else "with what was learnt from the others"
            to.print(f"  {by}: first {one.top1.fraction:.1%}, among three {one.top3.fraction:.1%}", markup=False)

    told = {name: {"top1": one.top1.fraction, "top3": one.top3.fraction} for name, one in judged.items()}
    desk.say({"n": len(examples), "file": str(target), **told}, people)


def _sensitive(rows: Sequence[Row], seen: int) -> Learned | None:
    """What must stay confidential; None where no text says whether it must. What is no report tells no secret."""
    if all(row.sensitive is None for row in rows):
        return None
    told = [(row.text, row.sensitive if row.sensitive is not None else _no_secret(row)) for row in rows]
    secret = [(text, _SECRET[is_secret]) for text, is_secret in told if is_secret is not None]
    return learning.learn(secret, tuple(_SECRET.values()), step=learning.GENTLY, seen=seen)


def _no_secret(row: Row) -> bool | None:
    return None if row.intent in {None, intents.REPORT} else False


def _intents(rows: Sequence[Row], seen: int) -> Learned | None:
    """What texts want; those that only have a category are reports. None where no text says what else it wants."""
    wanted = [(row.text, row.intent or intents.REPORT) for row in rows if row.intent or row.category]
    labels = sorted({label for _, label in wanted})
    return None if len(labels) < 2 else learning.learn(wanted, labels, words=intents.told, seen=seen)  # noqa: PLR2004


def _judge(city: City, rows: Sequence[Row], now: datetime) -> dict[str, Totals]:
    by_words = [look(row, city, now) for row in rows]
    return {"words": add_up(by_words), "learnt": add_up(list(_across(city, rows, now)))}


def _across(city: City, rows: Sequence[Row], now: datetime) -> Iterator[Told]:
    """Each text as it is understood with what the others teach."""
    for fold in range(FOLDS):
        others = [(row.text, row.category) for at, row in enumerate(rows) if at % FOLDS != fold and row.category]
        taught = replace(city, learned=learning.learn(others, tuple(city.categories)))
        yield from (look(row, taught, now) for row in rows[fold::FOLDS])
