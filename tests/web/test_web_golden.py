"""Every golden request over a real socket: the web adds nothing to what the codec makes of it, but the limit of size."""

import io
from urllib.parse import urlsplit

import pytest
from yarl import URL

from tests.providers.codecs import NOW, play
from tests.shared import Golden, golden, needs_shared
from tests.web.gate import ACCOUNT, PUBLIC, SECRET, SIGNING_KEY, TOKEN

pytestmark = needs_shared

HEARD = [
    one
    for provider in ("twilio", "africastalking", "smsgate")
    for one in golden(provider)
    if one.direction != "outbound" and one.request.url.startswith(f"{PUBLIC}/in/")
]
API = "http://127.0.0.1:9"
#: The lines under the names that the golden requests call.
LINES = {
    "twilio": {
        "provider": "twilio",
        "kind": "sms",
        "address": "+12025550143",
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
    },
    "africastalking": {
        "provider": "africastalking",
        "kind": "sms",
        "address": "21512",
        "username": "gworg",
        "api_key": "k",
        "secret": SECRET,
    },
    "africastalking-ussd": {
        "provider": "africastalking",
        "kind": "ussd",
        "address": "*384*1234#",
        "secret": SECRET,
        "speaks_through": "africastalking",
    },
    "smsgate": {
        "provider": "smsgate",
        "kind": "sms",
        "address": "+59160000001",
        "username": "user",
        "password": "pass",
        "signing_key": SIGNING_KEY,
        "api": API,
    },
}
LIMIT = 64 * 1024


@pytest.mark.parametrize("one", HEARD, ids=str)
async def test_a_golden_request_is_heard_as_its_codec_hears_it(open_gate, clock, one: Golden):
    clock.set(NOW)
    gate = await open_gate(lines=LINES)
    asked = one.request
    path = asked.url.removeprefix(f"https://{urlsplit(asked.url).netloc}")
    headers = {name: value for name, value in asked.headers.items() if name not in {"host", "content-length"}}
    url = URL(f"http://127.0.0.1:{gate.port}{path}", encoded=True)
    async with gate.session.request(
        asked.method,
        url,
        data=io.BytesIO(asked.body),
        headers=headers,
        skip_auto_headers=("Content-Type", "User-Agent"),
    ) as answer:
        status, body = answer.status, await answer.read()
    played = play(asked)
    if len(asked.body) > LIMIT:
        assert (status, gate.inbox.items) == (413, [])
        return
    assert status == played.response.status
    assert gate.inbox.items == list(played.received)
    if status < 400:
        assert body == played.response.body
