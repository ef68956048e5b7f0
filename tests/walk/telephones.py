"""What stands outside the service in a life of it: telephones, and a carrier that fails at times."""

import json
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.invariants import HandedOver
from gateway.outbound.carrier import NetworkFailed
from providers.base import Request, Response
from tests.conftest import FakeClock


@dataclass(frozen=True, slots=True)
class Post:
    """What a provider posts: on which line, to which event, which form."""

    channel: str
    event: str
    form: tuple[tuple[str, str], ...]

    @property
    def call(self) -> str:
        """The USSD session that it belongs to."""
        return dict(self.form).get("sessionId", "")


@dataclass(slots=True)
class Network:
    """The carrier: takes what we send and writes it down, or fails as it was told."""

    clock: FakeClock
    faults: list[str] = field(default_factory=list)
    taken: list[HandedOver] = field(default_factory=list)

    async def __call__(self, request: Request) -> Response:
        """Take one message."""
        fault = self.faults.pop() if self.faults else ""
        if fault == "unreachable":
            raise NetworkFailed("refused", in_doubt=False)
        body = json.loads(request.body)
        name = f"sim-{len(self.taken)}"
        self.taken.append(
            HandedOver(
                at=self.clock.now() + timedelta(microseconds=len(self.taken)),  # a network's clock never stands still
                channel="demo",
                our_id=int(body["id"]),
                recipient=body["to"],
                text=body["text"],
                answered=fault != "timeout",
                external_id=None if fault else name,
                taken=fault != "busy",
            )
        )
        if fault == "timeout":
            raise NetworkFailed("timeout", in_doubt=True)
        headers = {"content-type": "application/json"}
        if fault == "busy":
            return Response(status=429, headers=headers, body=b"{}")
        return Response(status=200, headers=headers, body=json.dumps({"id": name}).encode())


@dataclass(slots=True)
class Call:
    """One telephone's USSD session, as its carrier keeps it."""

    number: int = 0
    history: str = ""
    live: bool = False
