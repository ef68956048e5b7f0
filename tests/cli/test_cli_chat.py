"""The telephone in the terminal, typed into through a pipe."""

import pytest

from store import open_store

CODE = "482-105-930"
REPORT = "no hay luz en mi calle en Alto Tacagua"


def chat(terminal, *lines, words=()):
    """What stands on the screen after the first line, without what was typed."""
    result = terminal.type("chat", *words, keys="".join(f"{line}\n" for line in lines))
    assert result.exit_code == 0, result.output
    first, *rest = result.stdout.splitlines()
    assert first.endswith(":help says what else can be done here.")
    return [line for line in rest if not line.startswith("> ")]


def test_a_good_text_gets_its_receipt(desktop):
    [receipt] = chat(desktop, REPORT)
    assert receipt.startswith(f"▏ Caso {CODE} recibido. Luz de la calle, Alto Tacagua.")


def test_who_tries_it_out_is_answered_however_often(desktop):
    said = chat(desktop, *["AYUDA"] * 35)
    assert len(said) == 35
    assert all(line.startswith("▏ Escriba en un mensaje") for line in said)


def test_what_is_typed_is_echoed_from_a_pipe(desktop):
    result = desktop.type("chat", keys=f"\n  {REPORT}  \n\n")
    assert result.stdout.splitlines()[1] == f"> {REPORT}"


def test_the_whole_story(desktop):
    said = chat(desktop, REPORT, f":resolve {CODE} poste reparado", ":+3d", "1", "5")
    assert f"(staff: {CODE} is resolved)" in said
    assert any(line.startswith(f"▏ Caso {CODE}, resuelto") and "poste reparado" in line for line in said)
    assert "(it is Thu 05 Mar 10:00)" in said
    assert "▏ 3 No" in said
    assert said[-1].startswith("▏ Gracias por su respuesta.")


def test_without_a_code_it_is_the_latest_case(desktop):
    said = chat(desktop, REPORT, ":resolve poste reparado", ":reopen")
    assert f"(staff: {CODE} is resolved)" in said
    assert f"(staff: {CODE} is reopened)" in said


def test_another_telephone(desktop):
    said = chat(desktop, REPORT, ":from 70000002", f":resolve {CODE} listo")
    assert said[-2] == "(on the telephone +59170000001)"
    assert "listo" in said[-1]


def test_by_keys(desktop):
    said = chat(desktop, "1", REPORT, words=["--ussd", "--from", "+59170000005"])
    assert said[:2] == ["▏ Barrio Digital. Que necesita?", "▏ 1 Reportar un problema"]
    assert sum("Caso 482-10" in line for line in said) == 2  # on the screen, and by SMS
    assert "(the screen closes; :ussd dials again, anything else is an SMS)" in said
    assert said.count("▏ Barrio Digital. Que necesita?") == 1


def test_dialling_and_writing_in_turns(desktop):
    said = chat(desktop, ":ussd", ":sms", REPORT, ":ussd")
    assert said.count("▏ Barrio Digital. Que necesita?") == 2
    assert any("recibido." in line for line in said)


def test_an_sms_beside_a_screen_is_told_apart(desktop):
    said = chat(desktop, REPORT, ":ussd", ":resolve listo")
    assert "(an SMS)" in said


def test_help_and_what_is_none(desktop):
    said = chat(
        desktop, ":help", ":dance", ":resolve listo", ":resolve 12 listo", ":from nobody", ":+3w", ":quit", REPORT
    )
    assert "  :+3d                 let three days pass (also 5s, 10m, 2h)" in said
    assert said.count("there is no such command; :help lists them") == 2
    assert said.count("this telephone has no case") == 2
    assert "this is not a telephone number: write it like +59170000001" in said
    assert not any("recibido" in line for line in said)


def test_a_number_that_is_none(desktop):
    assert desktop.refuses("chat", "--from", "nobody").startswith("this is not a telephone number")


def test_it_has_a_store_of_its_own(desktop):
    chat(desktop, REPORT)
    assert desktop.rows("cases", "id") == []


def test_real_lines_are_never_used(town, clock):
    from click.testing import CliRunner  # noqa: PLC0415

    from gateway.cli.desk import Desk  # noqa: PLC0415
    from gateway.cli.phone import simulated  # noqa: PLC0415
    from gateway.cli.root import barrio  # noqa: PLC0415

    text = (town / "config.yaml").read_text(encoding="utf-8")
    real = '  tw: {provider: twilio, kind: sms, address: "+12025550143", account_sid: x, auth_token: y}\n'
    start, end = text.index("  demo:"), text.index("quiet_hours")
    (town / "config.yaml").write_text(text[:start] + real + text[end:], encoding="utf-8")
    desk = Desk(clock=clock)
    assert {line.provider for line in simulated(desk.config()).channels.values()} == {"simulator"}
    result = CliRunner().invoke(barrio, ["chat", "--store", "config"], obj=desk)
    assert (result.exit_code, result.stderr) == (
        1,
        "this config has real lines: chat talks only in a store of its own then\n",
    )


def test_the_store_of_the_config(terminal):
    words = ["--store", "config"]
    [receipt] = chat(terminal, REPORT, words=words)
    assert CODE in receipt
    assert terminal.json("case", "list")[0]["channel"] == "demo"
    assert chat(terminal, ":+3d", words=words) == ["time is moved only in a store of its own: chat without --store"]


def test_a_store_that_is_served_is_left_alone(desktop):
    serving = open_store(desktop.config.store.url)
    assert serving.own()
    try:
        line = desktop.type("chat", "--store", "config").stderr
        assert line == "serve is running on this store: use the phone on its page /simulator\n"
    finally:
        serving._lock.close()


def test_a_store_of_another_version(desktop):
    desktop.do(lambda tx: tx.exec_driver_sql("DROP TABLE alembic_version"))
    assert "barrio migrate" in desktop.refuses("chat", "--store", "config", code=2)


@pytest.mark.parametrize("hour", [3, 23])
def test_it_is_always_morning(desktop, hour):
    """At night no notice would arrive, and who tries it out would wonder."""
    desktop.clock.set(desktop.clock.now().replace(hour=hour))
    said = chat(desktop, REPORT, ":resolve listo")
    assert any("resuelto" in line for line in said)
