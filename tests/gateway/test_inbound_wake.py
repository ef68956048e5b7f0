"""Who is woken by what comes in: the outbox by texts, and not by reports, which queue nothing."""

from dialogs.messages import DeliveryReport, DeliveryStatus, InboundMessage
from gateway.inbound.inbox import Inbox


async def test_a_text_wakes_the_outbox_and_a_report_alone_does_not(world):
    woken = []
    inbox = Inbox(world.store, world.house, lambda: woken.append(True))
    now = world.clock.now()
    report = DeliveryReport(channel="demo", external_id="P1", status=DeliveryStatus.DELIVERED, at=now)
    text = InboundMessage(
        channel="demo", external_id="I1", sender="+59170000001", recipient="4040", text="hola", received_at=now
    )
    await inbox.receive([report])
    assert not woken
    await inbox.receive([report, text])
    assert woken
    await inbox.close()
