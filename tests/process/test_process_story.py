"""The main job, from outside: a text becomes a case, a code an answer, a resolution a question. A real process."""

import pytest

from store import open_store

pytestmark = pytest.mark.process

CODE = r"\d{3}-\d{3}-\d{3}"


async def test_a_text_becomes_a_case_and_its_resolution_a_question(gateway, stub):
    assert await gateway.text("no ay lus en la cancha d alto tacagua ase 3 dias xfa", "SM1") == (
        200,
        '<?xml version="1.0" encoding="UTF-8"?><Response/>',
    )
    [receipt] = await stub.wait_for(1)
    assert receipt["To"] == "+59170000001"
    assert receipt["From"] == "+12025550143"
    [case] = await gateway.command("case", "list")
    shown = f"{case['code'][:3]}-{case['code'][3:6]}-{case['code'][6:]}" if "-" not in case["code"] else case["code"]
    assert shown in receipt["Body"]
    assert (case["category"], case["place"], case["status"]) == ("alumbrado", "alto-tacagua", "received")

    await _receipts(gateway, receipt, ["delivered", "sent"])
    assert [one["status"] for one in (await _shown(gateway, shown))["messages"]] == ["done", "delivered"]

    await gateway.text(shown, "SM2")
    status = (await stub.wait_for(2))[1]
    assert "recibido" in status["Body"]

    await gateway.command("case", "resolve", shown, "--reply", "poste reparado", "--as", "ana")
    told, asked = (await stub.wait_for(4))[2:]
    assert "poste reparado" in told["Body"]
    assert "1 Si" in asked["Body"]

    await gateway.text("NO", "SM3")
    assert "prioridad" in (await stub.wait_for(5))[4]["Body"]
    assert (await _shown(gateway, shown))["status"] == "reopened"

    await gateway.command("case", "resolve", shown, "--reply", "foco cambiado", "--as", "ana")
    await stub.wait_for(7)
    await gateway.text("SI", "SM4")
    assert "1 a 5" in (await stub.wait_for(8))[7]["Body"]
    await gateway.text("5", "SM5")
    await stub.wait_for(9)
    closed = await _shown(gateway, shown)
    assert (closed["status"], closed["outcome"], closed["rating"]) == ("closed", "confirmed", 5)
    assert [event["what"] for event in closed["events"]] == [
        "opened",
        "resolved",
        "reopened",
        "resolved",
        "closed",
        "rated",
    ]
    assert len(stub.posted) == 9
    assert await gateway.stop() == 0


async def _shown(gateway, code):
    return await gateway.command("case", "show", code)


async def _receipts(gateway, message, statuses):
    """The carrier's reports, the last first: they move a message only forward."""
    for status in statuses:
        form = {"MessageSid": "SM" + "1".zfill(32), "MessageStatus": status, "AccountSid": message_account()}
        form |= {"To": message["To"], "From": message["From"]}
        assert (await gateway.twilio(form, "status"))[0] == 204


def message_account():
    return "AC00000000000000000000000000000001"


async def test_a_dial_becomes_a_case_and_the_code_comes_by_sms(gateway, stub):
    menu = await gateway.ussd("ATUid_1", "")
    assert menu.startswith("CON Barrio Digital.")
    assert (await gateway.ussd("ATUid_1", "")) == menu
    assert (await gateway.ussd("ATUid_1", "1")).startswith("CON ")
    last = await gateway.ussd("ATUid_1", "1*no hay agua en villa fatima")
    assert last.startswith("END Caso ")
    [sms] = await stub.wait_for(1)
    assert (sms["provider"], sms["to"]) == ("africastalking", "+59170000002")
    [case] = await gateway.command("case", "list")
    assert (case["category"], case["place"], case["channel"]) == ("agua", "villa-fatima", "africastalking-ussd")


async def test_a_redelivery_is_acted_on_once(gateway, stub):
    for _ in range(3):
        assert (await gateway.text("basura acumulada en Munaypata", "SM1"))[0] == 200
    await stub.wait_for(1)
    assert len(await gateway.command("case", "list")) == 1
    assert await gateway.stop() == 0
    assert len(stub.posted) == 1


async def test_a_forged_message_is_refused_and_leaves_nothing(gateway, stub):
    form = {"MessageSid": "SM1", "From": "+59170000001", "To": "+12025550143", "Body": "hola"}
    assert (await gateway.post("/in/twilio/sms", form, {"X-Twilio-Signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}))[
        0
    ] == 403
    assert await gateway.command("case", "list") == []
    assert stub.posted == []


async def test_a_second_service_on_one_sqlite_file_refuses_to_start(gateway, store_url):
    if not store_url.startswith("sqlite"):
        assert open_store(store_url).own()
        return
    process = await gateway._run("serve")
    assert await process.wait() == 2
