"""How every command is spoken to: --config and --json anywhere, BARRIO_CONFIG, .env, and one line for each trouble."""

import json

import click
import pytest
from click.testing import CliRunner

from gateway.cli.desk import Desk, environment
from gateway.cli.root import COMMANDS, barrio
from gateway.strict import ConfigError
from store import Clash, Refused, StoreUnavailable


def run(*words, **desk):
    return CliRunner().invoke(barrio, list(words), obj=Desk(**desk))


def every(group=barrio, before=()):
    """All commands that can be typed."""
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, click.Group):
            yield from every(command, (*before, name))
        else:
            yield (*before, name)


@pytest.mark.parametrize("command", list(every()), ids=" ".join)
def test_every_command_explains_itself(command):
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "--config FILE" in result.stdout
    assert "--json" in result.stdout
    about = result.stdout.splitlines()[2].strip()
    assert about[0].isupper()


def test_all_commands_are_named():
    result = run("--help")
    assert all(f"  {name} " in result.stdout for name in COMMANDS)


def test_no_command_of_that_name():
    result = run("cases")
    assert result.exit_code == 2
    assert "No such command 'cases'" in result.stderr


@pytest.mark.parametrize("words", [("case", "list"), ("check",), ("migrate",), ("serve",), ("chat",), ("doctor",)])
def test_a_bad_config_is_exit_2_and_one_line(town, words):
    (town / "config.yaml").write_text("service: {nome: x}\n", encoding="utf-8")
    result = run(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == "config.yaml: service.name: is missing\n"


@pytest.mark.parametrize(
    "words",
    [
        ("--config", "CONFIG", "--json", "case", "list"),
        ("case", "--config", "CONFIG", "--json", "list"),
        ("case", "list", "--config", "CONFIG", "--json"),
    ],
)
def test_config_and_json_may_stand_anywhere(desktop, monkeypatch, tmp_path_factory, words):
    config = desktop.config.path
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    result = run(*(str(config) if word == "CONFIG" else word for word in words))
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_the_config_may_be_named_by_a_variable(desktop, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    monkeypatch.setenv("BARRIO_CONFIG", str(desktop.config.path))
    assert run("case", "list").exit_code == 0
    assert run("case", "list", "--config", "nowhere.yaml").stderr == "nowhere.yaml: does not exist\n"


def test_a_store_that_is_not_there_yet_is_one_line(desktop):
    desktop.config.store.file.unlink()
    assert desktop.refuses("case", "list").endswith("make it with migrate")


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        ("DROP TABLE alembic_version", "the database is older than this program: run migrate"),
        (
            "UPDATE alembic_version SET version_num = 'tomorrow'",
            "the database was made by a newer version of this program: install that version",
        ),
    ],
)
def test_a_store_of_another_version_is_exit_2_and_one_line(desktop, spoil, line):
    desktop.do(lambda tx: tx.exec_driver_sql(spoil))
    assert desktop.refuses("case", "list", code=2) == line


def test_a_store_that_cannot_be_used_is_one_line(desktop, monkeypatch):
    def locked(*_: object) -> None:
        raise StoreUnavailable("SQLITE_BUSY")

    monkeypatch.setattr(Desk, "read", locked)
    assert desktop.refuses("case", "list") == "the store cannot be used now: SQLITE_BUSY"


def test_a_code_that_was_taken_meanwhile_is_tried_again_three_times(desktop):
    tried = []

    def clash(_tx: object) -> None:
        tried.append(1)
        raise Clash("codes")

    with pytest.raises(Clash):
        desktop.do(clash)
    assert len(tried) == 3


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (Clash("codes"), "a unique key of codes is taken"),
        (Refused("23502"), "the database refused a statement: 23502"),
    ],
)
def test_what_the_store_refuses_is_one_line(desktop, monkeypatch, error, line):
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(Desk, "read", refuse)
    assert desktop.refuses("case", "list") == line


def test_a_fault_of_the_program_is_not_hidden(desktop, monkeypatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Desk, "read", broken)
    assert isinstance(desktop.type("case", "list").exception, ZeroDivisionError)


@pytest.mark.parametrize("name", ["", "   ", "x" * 65])
def test_who_acts_has_a_name(desktop, name):
    result = desktop.type("case", "list", "--status", "received")
    assert result.exit_code == 0
    result = desktop.type("case", "show", "482105930", "--as", name)
    assert result.exit_code == 2
    assert "needs a name of at most 64 characters" in result.stderr


def test_secrets_may_stand_in_a_file_beside_the_config(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("# ours\n\nA=1\nexport B='two words'\nC=\"x=y\"\nD=\n", encoding="utf-8")
    monkeypatch.setenv("A", "of the process")
    found = environment(tmp_path / "config.yaml")
    assert [found[name] for name in "ABCD"] == ["of the process", "two words", "x=y", ""]


def test_a_line_of_that_file_that_is_none(tmp_path):
    (tmp_path / ".env").write_text("A=1\nB = 2\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        environment(tmp_path / "config.yaml")
    assert str(caught.value) == f"{tmp_path}/.env: line 2: is not NAME=value"


def test_without_that_file_there_is_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("A", "1")
    assert environment(tmp_path / "config.yaml")["A"] == "1"


def test_the_program_starts_from_a_shell(monkeypatch, capsys):
    from gateway.__main__ import main  # noqa: PLC0415  it configures the log, which other tests have their own way with

    monkeypatch.setattr("sys.argv", ["barrio", "--help"])
    monkeypatch.setattr("gateway.log.configure", lambda _clock: None)
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("Usage: barrio ")
