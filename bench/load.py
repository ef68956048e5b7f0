"""The people: a closed loop of clients on open connections, in a process of its own so that it shares no core.

Each client plays a conversation to its end (an SMS has one request, a USSD session several), then the next; it sends,
waits for the whole answer, and after ``pause`` seconds sends what comes next. Requests are made beforehand unless
``--lazy``; a run ends when the time is over or they are used up. Prints one JSON line.
"""

import argparse
import json
import selectors
import socket
import statistics
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bench import twilio, ussd

#: Seconds at the start of a run that are not counted: connections open, caches fill.
WARM = 0.3


@dataclass(slots=True)
class Client:
    """One connection to a port, what is left of its conversation, and what of its answer has come."""

    port: int
    link: socket.socket = field(init=False)
    rest: Iterator[bytes] = field(default_factory=lambda: iter(()))
    hangs_up: bool = False
    sent_at: float = 0.0
    seen: bytes = b""


@dataclass(slots=True)
class Run:
    """What happened in one run; ``waits`` are seconds, one for each counted answer."""

    waits: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    started: float = 0.0
    ended: float = 0.0

    def summary(self) -> dict[str, object]:
        """Rate in messages a second, latencies in milliseconds, answers by status and first word."""
        cuts = statistics.quantiles(self.waits, n=100) if len(self.waits) > 1 else [0.0] * 99
        return {
            "rate": len(self.waits) / (self.ended - self.started),
            "p50": cuts[49] * 1000,
            "p99": cuts[98] * 1000,
            "answers": self.answers,
        }


def whole(seen: bytes) -> bool:
    """Whether an answer has come to its end (our servers always give a Content-Length)."""
    head, gap, body = seen.partition(b"\r\n\r\n")
    if not gap:
        return False
    at = head.lower().find(b"content-length:")
    length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    return len(body) >= length


def said(seen: bytes) -> str:
    """An answer in short: its status, and for USSD whether the session goes on."""
    word = seen.partition(b"\r\n\r\n")[2][:4]
    return seen[9:12].decode() + (f" {word[:3].decode()}" if word in {b"CON ", b"END "} else "")


class Crowd:
    """All clients of one run, played by one thread."""

    def __init__(self, ports: Sequence[int], clients: int, conversations: Iterable[Sequence[bytes]]) -> None:
        self._todo = iter(conversations)
        self._selector = selectors.DefaultSelector()
        self._resting: deque[tuple[float, Client]] = deque()
        self.result = Run()
        for index in range(clients):
            client = Client(ports[index % len(ports)])
            self._connect(client)
            self._next(client)

    def play(self, seconds: float, pause: float) -> Run:
        """Go on for ``seconds`` after the warming, or until nothing is left to say."""
        now = time.perf_counter
        self.result.started = now() + WARM
        end = self.result.started + seconds
        while self._selector.get_map() and (present := now()) < end:
            while self._resting and self._resting[0][0] <= present:
                self._next(self._resting.popleft()[1])
            wait = self._resting[0][0] - present if self._resting else end - present
            for key, _ in self._selector.select(timeout=max(wait, 0)):
                if self._heard(key.data):
                    self._resting.append((self.result.ended + pause, key.data)) if pause else self._next(key.data)
        used_up = not self._selector.get_map()
        self.result.ended = max(self.result.ended, self.result.started + 0.001) if used_up else end
        for key in list(self._selector.get_map().values()):
            self._leave(key.data)
        self._selector.close()
        return self.result

    def _heard(self, client: Client) -> bool:
        more = client.link.recv(65536)
        if not more:
            raise ConnectionError("the server hung up")
        client.seen += more
        if not whole(client.seen):
            return False
        self.result.ended = time.perf_counter()
        if self.result.ended >= self.result.started:
            self.result.waits.append(self.result.ended - client.sent_at)
        self.result.answers[said(client.seen)] += 1
        client.hangs_up = b"connection: close" in client.seen.partition(b"\r\n\r\n")[0].lower()
        client.seen = b""
        return True

    def _next(self, client: Client) -> None:
        request = next(client.rest, None)
        while request is None:
            conversation = next(self._todo, None)
            if conversation is None:
                self._leave(client)
                return
            client.rest = iter(conversation)
            request = next(client.rest, None)
        if client.hangs_up:
            self._leave(client)
            self._connect(client)
        client.sent_at = time.perf_counter()
        client.link.sendall(request)

    def _connect(self, client: Client) -> None:
        client.link = socket.create_connection(("127.0.0.1", client.port))
        client.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.hangs_up = False
        self._selector.register(client.link, selectors.EVENT_READ, client)

    def _leave(self, client: Client) -> None:
        self._selector.unregister(client.link)
        client.link.close()


def main() -> None:
    """Read the arguments, make the requests, play them, print the summary."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kind", choices=["sms", "ussd"], default="sms")
    parser.add_argument("--ports", required=True, help="where to knock, in turn: 8080,8081")
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--first", type=int, required=True, help="number of the first conversation")
    parser.add_argument("--most", type=int, required=True, help="how many conversations at most")
    parser.add_argument("--people", type=int, default=twilio.PEOPLE)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds that people think before the next")
    parser.add_argument("--lazy", action="store_true", help="make requests while playing: for very long runs")
    asked = parser.parse_args()
    make = ussd.conversation if asked.kind == "ussd" else lambda number, people: [twilio.request(number, people)]
    made = (make(number, asked.people) for number in range(asked.first, asked.first + asked.most))
    crowd = Crowd([int(port) for port in asked.ports.split(",")], asked.clients, made if asked.lazy else list(made))
    print(json.dumps(crowd.play(asked.seconds, asked.pause).summary()))


if __name__ == "__main__":
    main()
