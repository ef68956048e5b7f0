"""Good words, spoilt by rule: each kind of slip is made in every text at once, and none may pass silently."""

import re
import shutil
from dataclasses import replace

import pytest

from gateway import wording
from gateway.city import load_words
from gateway.config import HOME, load
from gateway.findings import Level
from gateway.outbound.render import Renderer
from tests.check.test_check_words import CONFIG

_VALUE = re.compile(r"\{\{ (\w+)[^}]*\}\}")
#: Values that any text may name, so that leaving one out is no slip.
_FREE = ("service", "hotlines")


def misspelt(words):
    return re.sub(r"\{\{ (\w+)", r"{{ \1x", words, count=1)


def unclosed(words):
    return words.replace("}}", "}", 1)


def unsaid(words):
    """Leave out one value, wherever it stands."""
    named = [name for name in _VALUE.findall(words) if name not in _FREE]
    return words if not named else re.sub(rf"\{{\{{ {named[0]}\b[^}}]*\}}\}}", "", words)


def unconditional(words):
    return re.sub(r"\{% (if|elif|else|endif)[^%]*%\}", "", words)


def wordy(words):
    return words.rstrip("\n") + " palabra" * 120


def prettified(words):
    return words.replace(".", "…", 1)


def shouted(words):
    return words.rstrip("\n") + " STOP"


def renamed(words):
    return words.replace("| code", "| kode").replace("| day", "| dia")


def emptied(_words):
    return ""


def reworded(words):
    return words.rstrip("\n") + " Gracias"


SLIPS = [misspelt, unclosed, unsaid, unconditional, wordy, prettified, shouted, renamed, emptied]


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mutated")
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    return load(folder / "config.yaml", {}).city


def spoilt(city, folder, language, slip):
    """The files that a slip changed in one language, and all that is said of the words then."""
    templates = folder / "sms"
    shutil.copytree(HOME / "templates" / "sms", templates)
    changed = set()
    for file in sorted((templates / language).rglob("*.j2")):
        before = file.read_text(encoding="utf-8")
        after = slip(before)
        if after != before:
            file.write_text(after, encoding="utf-8")
            changed.add(file.relative_to(templates).as_posix())
    words = {tongue: load_words(templates, tongue, templates) for tongue in city.languages}
    city = replace(city, words=words)
    return changed, list(wording.examine(city, Renderer(city, templates, "Barrio Digital"), templates))


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.__name__)
def test_no_slip_passes_silently(town, tmp_path, slip):
    changed, said = spoilt(town, tmp_path, "en", slip)
    assert changed
    named = {one.where for one in said if one.level is not Level.NOTE}
    assert changed - named == set()


@pytest.mark.parametrize("slip", [reworded, emptied], ids=lambda slip: slip.__name__)
def test_no_change_of_the_base_passes_silently_in_the_other_language(town, tmp_path, slip):
    changed, said = spoilt(town, tmp_path, "es", slip)
    named = {one.where for one in said if one.level is not Level.NOTE}
    assert len(changed) > 50
    assert {file.replace("es/", "en/", 1) for file in changed} - named == set()


def test_no_text_can_be_taken_away_silently(town, tmp_path):
    templates = tmp_path / "sms"
    shutil.copytree(HOME / "templates" / "sms", templates)
    gone = sorted((templates / "en").rglob("*.j2"))
    for file in gone:
        file.unlink()
    said = wording.examine(town, Renderer(town, templates, "Barrio Digital"), templates)
    missing = {one.where for one in said if one.what == "is not there"}
    assert missing == {file.relative_to(templates).as_posix() for file in gone}
