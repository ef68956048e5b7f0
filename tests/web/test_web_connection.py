"""What stands in a request's head: rare forms that are understood, and heads that nobody can read."""

import asyncio
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from tests.web.gate import ACCOUNT, PERSON, PUBLIC, SECRET, TOKEN, WORDS

SMS = f"/in/at/{SECRET}/sms"
FORM = "Content-Type: application/x-www-form-urlencoded"


async def hear(port, *lines, body=b""):
    """Write a head and a body; give status, headers and body of the one answer, after which we are cut off."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(5):
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        answered = await reader.read()
    writer.close()
    head, _, said = answered.decode().partition("\r\n\r\n")
    first, *rest = head.split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in rest), said


@pytest.mark.parametrize(
    "before", ["", PUBLIC, "http://gw.example.org:8080", "HTTPS://evil.example", "http://[::1]:80"]
)
@pytest.mark.parametrize("query", ["", "?our_id=7&from=http://a.example/b"])
async def test_a_target_with_a_scheme_and_a_host_is_signed_as_our_address(gate, before, query):
    fields = {"AccountSid": ACCOUNT, "MessageSid": "SM1", "From": PERSON, "To": "+12025550143", "Body": WORDS}
    path, body = f"/in/twilio/sms{query}", urlencode(fields).encode()
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + path, fields)
    head = ["Host: x", "Connection: close", FORM, f"X-Twilio-Signature: {signature}", f"Content-Length: {len(body)}"]
    status, _, _ = await hear(gate.port, f"POST {before}{path} HTTP/1.1", *head, body=body)
    assert (status, [item.text for item in gate.inbox.items], gate.log) == (200, [WORDS], [])


@pytest.mark.parametrize("name", ["", "a", "a" * 300, "a" * 5000, "..%2fguard.py", "%00", "house.css/", "a/house.css"])
async def test_static_has_nothing_but_its_files(gate, name):
    status, headers, said = await hear(gate.port, f"GET /static/{name} HTTP/1.1", "Host: x", "Connection: close")
    assert (status, headers["Server"], said, gate.log) == (404, "barrio", "404: Not Found", [])
