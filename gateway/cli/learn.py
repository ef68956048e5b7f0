"""``barrio learn``: learn from labelled texts what the city's own words do not say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.console import Console

from dialogs.city import City, Learned
from dialogs.understand import categories, intents
from gateway.cli.desk import Desk, Fault
from gateway.cli.shell import Command, pass_desk
from gateway.evaluation import learning
from gateway.evaluation.learning import Example
from gateway.evaluation.rows import Row, Unreadable, read

#: In so many parts, each of which is guessed by what was learnt from the others.
FOLDS = 5
_SECRET = {False: "no", True: "yes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How many of so many texts were guessed rightly at first, and among three."""

    of: int
    first: int
    three: int


@click.command(cls=Command)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--judge", is_flag=True, help="Say how well it guesses texts that it did not learn from; takes minutes.")
@click.option("--residents", is_flag=True, help="They are residents' own: leave out what fewer than 3 of them say.")
@pass_desk
def learn(desk: Desk, files: Sequence[Path], *, judge: bool, residents: bool) -> None:
    """Learn the kinds of problem from labelled texts.

    Writes learned.json into the city's folder. FILES have one JSON object a line: "text", "category", "sensitive",
    "intent"; without any, all of the folder texts/ beside it. What is learnt is read by everybody who gets the folder:
    no number is ever in it, and for residents' own texts say --residents, or a name could be.
    """
    config = desk.config()
    folder = config.city_folder
    files = files or sorted((folder / "texts").glob("*.jsonl"))
    try:
        rows = [row for file in files for row in read(file)]
    except Unreadable as trouble:
        raise Fault(str(trouble)) from None
    examples = [(row.text, row.category) for row in rows if row.category]
    secret = [(row.text, _SECRET[row.sensitive]) for row in rows if row.sensitive is not None]
    if not examples or not secret:
        raise Fault('there is nothing to learn from: the texts have no "category", or none has "sensitive"')
    bare = replace(config.city, learned=None)
    target = folder / "learned.json"
    seen = learning.PRIVATE if residents else 1
    models = {
        "categories": learning.learn(examples, tuple(bare.categories), seen=seen),
        **_intents(rows, seen),
        "sensitive": learning.learn(secret, tuple(_SECRET.values()), step=learning.GENTLY, seen=seen),
    }
    learning.keep(models, target)
    judged = {"words": _judge(bare, examples), "learnt": _across(bare, examples)} if judge else {}

    def people(to: Console) -> None:
        to.print(f"Learnt from {len(examples)} texts: {target}", markup=False)
        for name, one in judged.items():
            by = "by the city's words" if name == "words" else "with what was learnt from the others"
            to.print(f"  {by}: first {one.first / one.of:.1%}, among three {one.three / one.of:.1%}", markup=False)

    told = {name: {"top1": one.first / one.of, "top3": one.three / one.of} for name, one in judged.items()}
    desk.say({"n": len(examples), "file": str(target), **told}, people)


def _intents(rows: Sequence[Row], seen: int) -> dict[str, Learned]:
    """What texts want; those that only have a category are reports. Nothing where no text says what it wants."""
    wanted = [(row.text, row.intent or intents.REPORT) for row in rows if row.intent or row.category]
    labels = sorted({label for _, label in wanted})
    return {} if len(labels) < 2 else {"intents": learning.learn(wanted, labels, words=intents.told, seen=seen)}  # noqa: PLR2004


def _across(city: City, examples: Sequence[Example]) -> Judged:
    found = []
    for fold in range(FOLDS):
        rest = [one for at, one in enumerate(examples) if at % FOLDS != fold]
        found.append(_judge(replace(city, learned=learning.learn(rest, tuple(city.categories))), examples[fold::FOLDS]))
    return Judged(
        of=sum(one.of for one in found), first=sum(one.first for one in found), three=sum(one.three for one in found)
    )


def _judge(city: City, examples: Sequence[Example]) -> Judged:
    guesses = [(categories.guess(text, city), label) for text, label in examples]
    return Judged(
        of=len(guesses),
        first=sum(guess.best == label for guess, label in guesses),
        three=sum(label in guess.top for guess, label in guesses),
    )
