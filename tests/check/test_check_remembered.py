"""What was proved is known again; what is changed in any way is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.check import remembered
from gateway.check.remembered import digest, is_proved, keep
from gateway.config import HOME, StoreConfig, load

NOON = datetime(2026, 3, 2, 16, tzinfo=UTC)


@pytest.fixture
def home(tmp_path):
    """A checkout of a few files."""
    for name in ("dialogs/book.py", "gateway/city.py", "providers/a.py", "store/a.py", "templates/sms/es/a.j2"):
        path = tmp_path / "home" / name
        path.parent.mkdir(parents=True)
        path.write_text(name, encoding="utf-8")
    (tmp_path / "home" / "requirements.txt").write_text("jinja2==3", encoding="utf-8")
    return tmp_path / "home"


@pytest.fixture
def mine(tmp_path):
    """A config with a city of its own and a store in a file."""
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "places.yaml").write_text("places", encoding="utf-8")
    path = tmp_path / "config.yaml"
    path.write_text("config", encoding="utf-8")
    store = StoreConfig(url=f"sqlite:///{tmp_path / 'var' / 'barrio.db'}")
    return replace(load(HOME / "config.yaml", {}), path=path, city_folder=tmp_path / "city", store=store)


def test_the_same_is_the_same_all_day(mine, home):
    assert digest(mine, NOON, home) == digest(mine, NOON + timedelta(hours=11), home)


def test_another_day_is_another(mine, home):
    assert digest(mine, NOON, home) != digest(mine, NOON + timedelta(hours=12), home)


@pytest.mark.parametrize(
    "name",
    [
        "home/dialogs/book.py",
        "home/gateway/city.py",
        "home/providers/a.py",
        "home/store/a.py",
        "home/templates/sms/es/a.j2",
        "home/templates/sms/es/new.j2",
        "home/requirements.txt",
        "city/places.yaml",
        "city/new.yaml",
        "config.yaml",
    ],
)
def test_whatever_is_changed_or_added_is_another(mine, home, tmp_path, name):
    before = digest(mine, NOON, home)
    (tmp_path / name).write_text("changed", encoding="utf-8")
    assert digest(mine, NOON, home) != before


def test_what_moves_from_one_file_to_the_next_is_another(mine, home):
    before = digest(mine, NOON, home)
    (home / "providers" / "a.py").write_text("", encoding="utf-8")
    (home / "providers" / "b.py").write_text("providers/a.py", encoding="utf-8")
    assert digest(mine, NOON, home) != before


def test_another_python_is_another(mine, home, monkeypatch):
    before = digest(mine, NOON, home)
    monkeypatch.setattr(remembered.sys, "version", "4")
    assert digest(mine, NOON, home) != before


def test_what_python_keeps_for_itself_is_not_looked_at(mine, home):
    before = digest(mine, NOON, home)
    (home / "dialogs" / "book.pyc").write_bytes(b"\x00")
    assert digest(mine, NOON, home) == before


def test_what_is_kept_is_known(mine):
    mine.store.file.parent.mkdir()
    assert not is_proved(mine, NOON)
    keep(mine, NOON)
    assert is_proved(mine, NOON)
    assert not is_proved(mine, NOON + timedelta(days=1))


def test_where_nothing_can_be_written_it_is_proved_again(mine):
    keep(mine, NOON)  # there is no folder
    assert not is_proved(mine, NOON)


def test_on_postgresql_nothing_is_remembered(mine, tmp_path):
    many = replace(mine, store=mine.store.model_copy(update={"url": "postgresql://u:p@localhost/barrio"}))
    keep(many, NOON)
    assert not is_proved(many, NOON)
    assert not list(tmp_path.rglob("*.proved"))
