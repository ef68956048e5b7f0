"""The REST APIs of Twilio, Africa's Talking and SMSGate, as far as one message goes: what is read, what is answered."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests.process.knocks import ACCOUNT

#: Where each line's provider takes messages.
PATHS = {
    "twilio": f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
    "africastalking": "/version1/messaging",
    "phone": "/messages",
}


@dataclass(frozen=True, slots=True)
class Posted:
    """One message as it reached a provider. ``our_id`` is None where its API carries none of ours."""

    recipient: str
    text: str
    our_id: int | None


def form(line: str, body: bytes) -> dict[str, Any]:
    """The fields that the gateway posted on a line."""
    if line == "phone":
        return dict(json.loads(body))
    return {name: one[0] for name, one in parse_qs(body.decode(), keep_blank_values=True).items()}


def read(line: str, fields: dict[str, Any]) -> Posted:
    """What they say."""
    if line == "phone":
        ours = int(fields["id"].partition("-")[0])
        return Posted(fields["phoneNumbers"][0], fields["textMessage"]["text"], ours)
    if line == "africastalking":
        return Posted(fields["to"], fields["message"], None)
    query = dict(parse_qsl(urlsplit(fields["StatusCallback"]).query))
    return Posted(fields["To"], fields["Body"], int(query["our_id"]))


def taken(line: str, fields: dict[str, Any], number: int) -> tuple[str, int, dict[str, Any]]:
    """The ``number``-th message is taken: its id, and the status and document that say so."""
    if line == "twilio":
        theirs = f"SM{number:032x}"
        return theirs, 201, {"sid": theirs, "status": "queued", "body": fields["Body"]}
    if line == "africastalking":
        theirs = f"ATXid_{number:032x}"
        one = {"statusCode": 101, "number": fields["to"], "status": "Success", "cost": "KES 0.8000"}
        document = {"SMSMessageData": {"Message": "Sent to 1/1", "Recipients": [{**one, "messageId": theirs}]}}
        return theirs, 201, document
    theirs = str(fields["id"])
    return theirs, 202, {"id": theirs, "state": "Pending"}
