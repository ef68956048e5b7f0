"""Moving to PostgreSQL: every row arrives as it was, ids go on behind them, and nothing is mixed or half done unseen."""

from dataclasses import replace

import pytest

from gateway.config import StoreConfig
from store import copying, open_store
from tests.cli.conftest import SERVICE

CASE = "no hay luz en mi calle en Alto Tacagua"


@pytest.fixture
def other(tmp_path, postgres, desktop):
    """An empty database on a server, named by a config of its own; a terminal that uses it."""
    url = postgres.url(name := postgres.make())
    folder = tmp_path / "there"
    folder.mkdir()
    (folder / "config.yaml").write_text(SERVICE.format(url=url), encoding="utf-8")
    yield replace(desktop, config=replace(desktop.config, path=folder / "config.yaml", store=StoreConfig(url=url)))
    postgres.drop(name)


def test_a_service_moves_with_all_it_knows(desktop, other, monkeypatch):
    monkeypatch.setattr(copying, "CHUNK", 2)
    codes = [desktop.open(number=f"+5917000{n:04}") for n in range(5)]
    desktop.says("case", "resolve", codes[0], "--reply", "se cambio el foco")
    before = desktop.do(copying.counts)
    assert desktop.json("copy", "--to", other.config.path)["copied"] == before
    assert other.do(copying.counts) == before
    assert other.json("case", "show", codes[0]) == desktop.json("case", "show", codes[0])
    assert [one["code"] for one in other.json("case", "list")] == [one["code"] for one in desktop.json("case", "list")]
    assert other.rows("outbound", "id", "text", "due_at") == desktop.rows("outbound", "id", "text", "due_at")
    assert other.open() not in codes  # the next id is free
    assert other.json("doctor")["findings"] == []


def test_a_store_that_holds_something_is_not_mixed_with_another(desktop, other):
    desktop.open()
    desktop.says("copy", "--to", other.config.path)
    assert "the other store is not empty" in desktop.refuses("copy", "--to", other.config.path)


def test_a_store_is_not_copied_into_itself(desktop):
    assert desktop.refuses("copy", "--to", desktop.config.path) == "both configs name the same store"


def test_a_store_that_is_being_served_is_not_copied(desktop, other):
    server = open_store(desktop.config.store.url)
    assert server.own()
    try:
        assert desktop.refuses("copy", "--to", other.config.path) == "barrio serve runs on this store: stop it first"
    finally:
        server._lock.close()


def test_and_back_into_a_file(desktop, other, tmp_path):
    code = other_code(desktop, other)
    back = tmp_path / "back.yaml"
    back.write_text(SERVICE.format(url=f"sqlite:///{tmp_path / 'back.db'}"), encoding="utf-8")
    other.says("copy", "--to", back)
    again = replace(
        desktop, config=replace(desktop.config, path=back, store=StoreConfig(url=f"sqlite:///{tmp_path / 'back.db'}"))
    )
    assert again.json("case", "show", code) == desktop.json("case", "show", code)


def other_code(desktop, other):
    code = desktop.open(CASE)
    desktop.says("copy", "--to", other.config.path)
    return code
