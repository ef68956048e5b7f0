"""``barrio words``: the words of a language as a sheet for translators, and back."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import click
from rich.console import Console

from gateway.city import load_words
from gateway.cli.desk import Desk, Fault
from gateway.cli.shell import Group, pass_desk
from gateway.config import WORDS
from gateway.findings import Finding
from gateway.outbound.render import Renderer
from gateway.wording import importing, sheet, texts, versions


@click.group(cls=Group)
def words() -> None:
    """Give translators a sheet, and take it back.

    A sheet is a CSV file for any spreadsheet: one row a text, with what it is for and how long it may be.
    """


@words.command()
@click.argument("language")
@pass_desk
def export(desk: Desk, language: str) -> None:
    """Print the words of a language as a sheet: barrio words export en > en.csv."""
    click.echo(sheet.write(_texts(desk, language), language), nl=False)


@words.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@pass_desk
def take(desk: Desk, file: Path) -> None:
    """Take the words of a sheet, all or none.

    Exit 1 if there is an error in it: then nothing is changed. New words are spoken after a restart of barrio serve.
    """
    config = desk.config()
    try:
        rows = sheet.read(file.read_bytes())
        taken = importing.take(config.city, WORDS, config.service.name, rows)
    except sheet.Unreadable as error:
        raise Fault(str(error)) from None
    except importing.Refused as refused:
        _tell(desk, (), refused.findings, "")
        raise Fault("Nothing was changed.") from None

    _tell(desk, taken.changed, taken.findings, f"{len(taken.changed)} of {len(rows)} texts changed.")


@words.command()
@click.argument("language")
@click.argument("names", metavar="[TEXT]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All texts of the language.")
@pass_desk
def same(desk: Desk, language: str, names: tuple[str, ...], *, every: bool) -> None:
    """Say that texts mean what the first language says now, after reading both: barrio words same en report/thanks."""
    known = _texts(desk, language)
    there = versions.marks(known, language)
    if language == known.base:
        raise Fault(f"{language} is the language from which the others are translated")
    if bool(names) == every:
        raise Fault("name the texts, or say --all")
    if missing := [name for name in names if name not in there]:
        raise Fault(f"{language} has no text {', '.join(missing)}")
    importing.say_same(known, language, there if every else names)
    count = len(there) if every else len(names)
    desk.say({"language": language, "texts": count}, lambda to: to.print(f"Up to date now: {count}."))


def _texts(desk: Desk, language: str) -> texts.Texts:
    """Everything in one language, whether it is offered yet or not."""
    config = desk.config()
    if not (WORDS / language / "words.yaml").is_file():
        raise Fault(f"there is no language {language}: it begins with a file {WORDS.name}/{language}/words.yaml")
    spoken = load_words(WORDS, language, config.path)
    city = replace(config.city, words={**config.city.words, language: spoken})
    return texts.gather(city, Renderer(city, WORDS, config.service.name), WORDS, language=language)


def _tell(desk: Desk, changed: Sequence[str], findings: Sequence[Finding], last: str) -> None:
    def people(to: Console) -> None:
        for one in findings:
            to.print(f"{one.level} {one.where}: {one.what}\n    {one.mend}", markup=False)
        if last:
            to.print(last, markup=False)

    desk.say({"changed": list(changed), "findings": [asdict(one) for one in findings]}, people)
