"""Who works here, and what waits for them."""

import pytest

from store import alerts, staff


def test_somebody_is_added_and_may_change_roles(terminal):
    assert terminal.says("staff", "add", " Ana  María ", "--role", "officer") == "Ana María is officer.\n"
    assert terminal.says("staff", "add", "Ana María", "--role", "officer") == "Ana María is officer already.\n"
    said = terminal.says("staff", "add", "Ana María", "--role", "approver", "--as", "Luis")
    assert said == "Ana María is approver now, and was officer.\n"
    assert terminal.acts() == [("cli:rosa", "staff.role", "Ana María"), ("Luis", "staff.role", "Ana María")]
    assert terminal.do(lambda tx: staff.role(tx, "Ana María")) is staff.Role.APPROVER
    assert terminal.do(lambda tx: staff.role(tx, "Eva")) is None


def test_the_staff_is_listed_by_name(terminal):
    assert "Nobody yet" in terminal.says("staff", "list")
    terminal.says("staff", "add", "Luis", "--role", "admin")
    terminal.says("staff", "add", "Ana", "--role", "auditor")
    assert terminal.json("staff", "list") == [{"name": "Ana", "role": "auditor"}, {"name": "Luis", "role": "admin"}]
    assert terminal.says("staff", "list") == "auditor       Ana\nadmin         Luis\n"


def test_what_a_program_reads_of_it(desktop):
    assert desktop.json("staff", "add", "Ana", "--role", "admin") == {"name": "Ana", "role": "admin", "before": None}
    assert desktop.json("staff", "add", "Ana", "--role", "officer")["before"] == "admin"


@pytest.mark.parametrize(
    ("name", "line"), [(" ", "a member of staff has a name"), ("x" * 65, "too long: 65 characters, at most 64")]
)
def test_a_name_that_is_none(desktop, name, line):
    assert desktop.refuses("staff", "add", name, "--role", "admin") == line


def test_a_role_that_is_none(desktop):
    result = desktop.type("staff", "add", "Ana", "--role", "boss")
    assert result.exit_code == 2
    assert "'boss' is not one of 'officer'" in result.stderr


def test_alerts_wait_until_somebody_has_looked(terminal):
    now = terminal.clock.now()
    terminal.do(lambda tx: alerts.raise_alert(tx, "emergency", "482105930", now))
    [row] = terminal.json("alert", "list")
    assert (row["reason"], row["subject"], row["at"]) == ("emergency", "482105930", "2026-03-02T14:00:00Z")
    assert "Mon 02 Mar 2026 10:00  emergency  482105930" in terminal.says("alert", "list")
    assert terminal.says("alert", "seen", row["id"], "--as", "Ana") == f"Alert {row['id']} is seen.\n"
    assert terminal.refuses("alert", "seen", row["id"]) == f"there is no alert {row['id']} that waits"
    assert terminal.says("alert", "list") == "Nothing waits.\n"
    assert terminal.acts() == [("Ana", "alert.seen", str(row["id"]))]
