"""Serving: what it says, what it refuses, how it stops; and the demonstration."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.request
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from gateway.cli import serve
from gateway.cli.demo import live
from gateway.config import load
from store import open_store

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stopped(monkeypatch):
    """Serve, but stop as soon as it has said that it runs."""
    announce = serve._announce

    def say_and_stop(*args):
        announce(*args)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(serve, "_announce", say_and_stop)


@pytest.mark.usefixtures("stopped")
def test_it_says_where_it_is(terminal):
    lines = terminal.says("serve").splitlines()
    address = lines[0].removeprefix("Barrio Digital runs: ")
    assert address.startswith("http://localhost:")
    assert lines[1] == f"  a phone to try it with   {address}/simulator"
    assert lines[2] == "  demo                     http://localhost:8080/in/demo/sms"
    assert lines[3] == "  demo-ussd                http://localhost:8080/in/demo-ussd/ussd"
    assert lines[-1] == "Ctrl-C stops it."


@pytest.mark.usefixtures("stopped")
def test_it_says_the_same_to_a_program(desktop):
    said = desktop.json("serve")
    assert said["simulator"] == f"{said['address']}/simulator"
    assert set(said["webhooks"]) == {"demo", "demo-ussd"}


@pytest.mark.usefixtures("stopped")
def test_a_stopped_service_can_be_started_again(desktop):
    assert desktop.says("serve")
    assert desktop.says("serve")


def without_stop(config):
    """A config in whose city nobody can opt out: an error, and everything else is well."""
    words = config.city.words["es"]
    commands = {name: said for name, said in words.commands.items() if name != "stop"}
    city = replace(config.city, words={**config.city.words, "es": replace(words, commands=commands)})
    return replace(config, city=city)


@pytest.mark.usefixtures("stopped")
def test_what_check_finds_wrong_is_not_served(desktop):
    desktop.config = without_stop(desktop.config)
    assert desktop.refuses("serve", code=2) == (
        "barrio check finds errors: 1, first es/words.yaml: commands: has no words for: stop. "
        "Mend them, or serve --force"
    )


@pytest.mark.usefixtures("stopped")
def test_what_was_proved_is_not_proved_again_until_it_is_changed(desktop, monkeypatch):
    proofs = []
    examine = serve.check.examine
    monkeypatch.setattr(serve.check, "examine", lambda *args: proofs.append(args) or examine(*args))
    desktop.says("serve")
    desktop.says("serve")
    assert len(proofs) == 1
    with desktop.config.path.open("a", encoding="utf-8") as file:
        file.write("# another\n")
    desktop.says("serve")
    assert len(proofs) == 2


@pytest.mark.usefixtures("stopped")
def test_what_has_an_error_is_not_remembered(desktop):
    right, desktop.config = desktop.config, without_stop(desktop.config)
    for _ in range(2):
        assert desktop.refuses("serve", code=2)
        assert desktop.says("serve", "--force")
    assert not list(right.store.file.parent.glob("*.proved"))


@pytest.mark.usefixtures("stopped")
def test_by_force_it_serves_and_the_log_says_what_is_wrong(desktop):
    desktop.config = without_stop(desktop.config)
    with structlog.testing.capture_logs() as logs:
        assert "Ctrl-C stops it." in desktop.says("serve", "--force")
    said = {"log_level": "error", "where": "es/words.yaml: commands", "what": "has no words for: stop"}
    assert [one for one in logs if one["event"] == "started_despite_error"] == [
        {"event": "started_despite_error", **said}
    ]


@pytest.mark.usefixtures("stopped")
def test_a_warning_stops_nobody(desktop):
    desktop.config = replace(
        desktop.config, followups=desktop.config.followups.model_copy(update={"remind_after": timedelta(days=12)})
    )
    assert desktop.type("check").exit_code == 1
    assert "Ctrl-C stops it." in desktop.says("serve")


def test_secrets_of_paths_are_not_said(town):
    text = (town / "config.yaml").read_text(encoding="utf-8")
    line = '  at: {provider: africastalking, kind: sms, address: "21512", username: u, api_key: k, secret: "${S}"}\n'
    (town / "config.yaml").write_text(text.replace("quiet_hours", line + "quiet_hours"), encoding="utf-8")
    config = load(town / "config.yaml", {"S": "s" * 20})
    assert serve._webhook(config, config.channels["at"]) == "http://localhost:8080/in/at/SECRET/sms"


def test_without_a_simulator_none_is_named(desktop, capsys):
    real = replace(desktop.config, channels={})
    serve._announce(desktop.desk(), real, 8080)
    assert "a phone to try it with" not in capsys.readouterr().out


def test_where_there_is_no_store_yet_it_says_so(desktop):
    desktop.config.store.file.unlink()
    assert desktop.refuses("serve", code=2) == "there is no store yet: barrio migrate"


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("DROP TABLE alembic_version", "the store is older than this version: barrio migrate"),
        (
            "UPDATE alembic_version SET version_num = 'tomorrow'",
            "the store was made by a newer version: install that version, or restore a backup",
        ),
    ],
)
def test_a_store_of_another_version_is_not_served(terminal, statement, line):
    terminal.do(lambda tx: tx.exec_driver_sql(statement))
    assert terminal.refuses("serve", code=2) == line


def test_a_store_that_is_served_already_is_not_served_twice(desktop):
    other = open_store(desktop.config.store.url)
    assert other.own()
    try:
        assert desktop.refuses("serve", code=2) == "another barrio serve runs on this store already"
    finally:
        other._lock.close()


@pytest.mark.parametrize("role", ["web", "worker"])
def test_one_process_does_all_on_a_file(desktop, role):
    assert desktop.refuses("serve", "--role", role, code=2) == (
        f"--role {role} needs a store on PostgreSQL: one process owns a SQLite file and does all"
    )


def test_a_worker_names_no_address_to_knock_at(desktop, capsys):
    serve._announce(desktop.desk(), desktop.config, 8080, serve.app.Role.WORKER)
    said = capsys.readouterr().out
    assert "/in/" not in said
    assert "simulator" not in said


def test_an_address_that_is_taken(desktop, monkeypatch):
    async def taken(*_: object) -> None:
        raise OSError(98, "Address already in use")

    monkeypatch.setattr("gateway.web.serve", taken)
    assert desktop.refuses("serve") == "cannot listen on 127.0.0.1 port 0: Address already in use"


def test_migrating(desktop):
    file = desktop.config.store.file
    file.unlink()
    assert desktop.says("migrate") == "The store is ready.\n"
    assert desktop.says("migrate") == "The store was ready already.\n"
    assert desktop.json("migrate") == {"migrated": False}
    assert desktop.json("case", "list") == []


@pytest.mark.process
def test_a_real_process_from_its_start_to_its_end(desktop):
    def barrio(*words):
        command = [sys.executable, "-m", "gateway", *words, "--config", str(desktop.config.path)]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    service = barrio("serve")
    try:
        address = service.stdout.readline().strip().removeprefix("Barrio Digital runs: ")
        with urllib.request.urlopen(address.replace("localhost", "127.0.0.1") + "/live") as answer:  # noqa: S310  ours
            assert answer.status == 200
        second = barrio("serve")
        assert second.communicate(timeout=60)[1] == "another barrio serve runs on this store already\n"
        assert second.returncode == 2
        listed, complaints = barrio("case", "list", "--json").communicate(timeout=60)
        assert (json.loads(listed), complaints) == ([], "")
    finally:
        service.send_signal(signal.SIGTERM)
        _, log = service.communicate(timeout=60)
    assert service.returncode == 0, log


def test_two_weeks_of_a_demonstration(desktop):
    asyncio.run(live(desktop.desk(), desktop.config))
    listed = desktop.json("case", "list")
    assert len(listed) == 10
    assert {case["status"] for case in listed} >= {
        "received",
        "in_progress",
        "resolved",
        "reopened",
        "closed",
        "not_competent",
    }
    assert [case["outcome"] for case in listed if case["rating"]] == ["confirmed"]
    assert desktop.says("doctor") == "All is well.\n"
    [last] = {case["opened_at"] for case in listed if case["opened_at"] > "2026-03-01"}
    assert last == "2026-03-01T13:00:00Z"


@pytest.mark.usefixtures("stopped")
def test_the_demonstration_has_a_store_and_a_config_of_its_own(desktop, monkeypatch):
    lived = []

    async def lives(_desk, mine):
        lived.append(mine.store.file)

    monkeypatch.setattr("gateway.cli.demo.live", lives)
    said = desktop.says("demo")
    assert "barrio case list --config var/demo.yaml" in said
    assert lived == [desktop.config.path.parent / "var" / "demo.db"]
    assert desktop.says("case", "list") == "No cases.\n"
    made = load(Path("var/demo.yaml"), {})
    assert made.followups == desktop.config.followups
    assert {name: line.address for name, line in made.channels.items()} == {"demo": "4040", "demo-ussd": "*384*40#"}
    desktop.says("demo")
    assert len(lived) == 1


@pytest.mark.usefixtures("stopped")
def test_the_demonstration_needs_no_config(tmp_path, clock, monkeypatch):
    from click.testing import CliRunner  # noqa: PLC0415

    from gateway.cli.desk import Desk  # noqa: PLC0415
    from gateway.cli.root import barrio  # noqa: PLC0415

    home = tmp_path / "home"
    home.mkdir()
    text = (ROOT / "config.yaml").read_text(encoding="utf-8").replace("port: 8080", "port: 0")
    (home / "config.yaml").write_text(text.replace("city: city", f"city: {ROOT}/city"), encoding="utf-8")
    monkeypatch.setattr("gateway.cli.demo.HOME", home)
    monkeypatch.chdir(tmp_path)

    async def lives(*_: object) -> None: ...

    monkeypatch.setattr("gateway.cli.demo.live", lives)
    result = CliRunner().invoke(barrio, ["demo"], obj=Desk(clock=clock))
    assert result.exit_code == 0, result.output
    assert (home / "var" / "demo.yaml").is_file()
