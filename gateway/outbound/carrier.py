"""The one seam to the network: a request goes out, a response comes back.

Rule 1: what we do not know, we say. A failure before the request could leave us was certainly not processed; any later
one is in doubt, because the provider may have read all of it.
Rule 2: an error names the kind of trouble, never an address, a number or a text.
"""

import json
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from dialogs.messages import DeliveryReport, DeliveryStatus
from gateway.clock import Clock
from providers.base import Request, Response, SendFailed

Carrier = Callable[[Request], Awaitable[Response]]

#: One hand-over, from looking up the name to the last byte of the answer. Less than the lease (45 s).
TOTAL_SECONDS = 30.0
#: Reaching the provider. Whatever fails in this time was not sent.
CONNECT_SECONDS = 10.0
#: More of an answer is not read: no provider's answer to one message is longer.
MOST_BYTES = 64 * 1024


class NetworkFailed(SendFailed):
    """No answer. ``in_doubt`` says whether the provider may have taken the message all the same."""

    def __init__(self, reason: str, *, in_doubt: bool) -> None:
        super().__init__(reason, retry=not in_doubt, in_doubt=in_doubt)


class HttpCarrier:
    """Carries over HTTP. Make it inside the running loop; close it at the end.

    No redirects (a provider's answer must not choose whom we talk to), no cookies, no proxy from the environment.
    """

    def __init__(self, *, total: float = TOTAL_SECONDS, connect: float = CONNECT_SECONDS) -> None:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=total, connect=connect, sock_connect=connect),
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def __call__(self, request: Request) -> Response:
        """Hand it over; raise ``NetworkFailed`` if no answer came back."""
        try:
            async with self._session.request(
                request.method,
                _address(request.url),
                data=request.body or None,
                headers={"accept-encoding": "identity", **request.headers},
                allow_redirects=False,
            ) as answer:
                return Response(status=answer.status, headers=answer.headers, body=await _head(answer.content))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as trouble:
            raise NetworkFailed(f"unreachable:{type(trouble).__name__}", in_doubt=False) from None
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            raise NetworkFailed("bad_address", in_doubt=False) from None
        except (TimeoutError, aiohttp.ClientError, OSError) as trouble:
            raise NetworkFailed(f"no_answer:{type(trouble).__name__}", in_doubt=True) from None

    async def close(self) -> None:
        """Close what is open."""
        await self._session.close()


class SimulatorCarrier:
    """Carries to telephones that are not there, inside this process. Every message arrives at once.

    ``delivered`` hears of each arrival before the answer is given, as happens with real providers; what it raises is
    the carrier's failure.
    """

    def __init__(self, clock: Clock, delivered: Callable[[DeliveryReport], Awaitable[None]] | None = None) -> None:
        self._clock = clock
        self._delivered = delivered

    async def __call__(self, request: Request) -> Response:
        """Answer with an id that nobody else has."""
        external_id = self._clock.new_id()
        if self._delivered is not None:
            report = DeliveryReport(
                channel=urlsplit(request.url).netloc,
                external_id=external_id,
                status=DeliveryStatus.DELIVERED,
                at=self._clock.now(),
            )
            await self._delivered(report)
        headers = {"content-type": "application/json"}
        return Response(status=200, headers=headers, body=json.dumps({"id": external_id}).encode())


def _address(url: str) -> URL:
    """Take an address as it is written: what the codec has encoded is not encoded again."""
    try:
        return URL(url, encoded=True)
    except ValueError:
        raise NetworkFailed("bad_address", in_doubt=False) from None


async def _head(content: aiohttp.StreamReader) -> bytes:
    """Read up to ``MOST_BYTES``. A longer answer is cut: the codec judges by its status, or finds it unreadable."""
    body = bytearray()
    while len(body) < MOST_BYTES and (chunk := await content.readany()):
        body += chunk
    return bytes(body[:MOST_BYTES])
