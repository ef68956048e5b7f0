"""The people: a closed loop of clients on open connections, in a process of its own so that it shares no core.

Each client sends, waits for the whole answer, sends the next. Requests are made beforehand; a run ends when the time is
over or they are used up. Prints one JSON line.
"""

import argparse
import json
import selectors
import socket
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field

from bench import twilio

#: Seconds at the start of a run that are not counted: connections open, caches fill.
WARM = 0.3


@dataclass(slots=True)
class Client:
    """One connection, and what of its answer has come."""

    socket: socket.socket
    sent_at: float = 0.0
    seen: bytes = b""


@dataclass(slots=True)
class Run:
    """What happened in one run; ``waits`` are seconds, one for each counted answer."""

    waits: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    started: float = 0.0
    ended: float = 0.0

    def summary(self) -> dict[str, object]:
        """Rate in messages a second, latencies in milliseconds, answers by status."""
        cuts = statistics.quantiles(self.waits, n=100) if len(self.waits) > 1 else [0.0] * 99
        return {
            "rate": len(self.waits) / (self.ended - self.started),
            "p50": cuts[49] * 1000,
            "p99": cuts[98] * 1000,
            "statuses": self.statuses,
        }


def whole(seen: bytes) -> bool:
    """Whether an answer has come to its end (our servers always give a Content-Length)."""
    head, gap, body = seen.partition(b"\r\n\r\n")
    if not gap:
        return False
    at = head.lower().find(b"content-length:")
    length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    return len(body) >= length


def run(port: int, clients: int, seconds: float, requests: list[bytes]) -> Run:
    """Play ``requests`` to 127.0.0.1:``port`` for at most ``seconds`` after the warming."""
    result = Run()
    todo = iter(requests)
    now = time.perf_counter
    begun = now()
    result.started = begun + WARM
    end = result.started + seconds
    with selectors.DefaultSelector() as selector:
        for _ in range(clients):
            client = Client(socket.create_connection(("127.0.0.1", port)))
            client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.sent_at = now()
            client.socket.sendall(next(todo))
        while result.ended < end and selector.get_map():
            for key, _ in selector.select(timeout=5):
                client = key.data
                client.seen += client.socket.recv(65536)
                if not whole(client.seen):
                    continue
                result.ended = now()
                if result.ended >= result.started:
                    result.waits.append(result.ended - client.sent_at)
                result.statuses[client.seen[9:12].decode()] += 1
                client.seen = b""
                client.sent_at = now()
                if (more := next(todo, None)) is None or result.ended >= end:
                    selector.unregister(client.socket)
                    client.socket.close()
                else:
                    client.socket.sendall(more)
    return result


def main() -> None:
    """Read the arguments, make the requests, play them, print the summary."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--first", type=int, required=True, help="number of the first message")
    parser.add_argument("--most", type=int, required=True, help="how many messages at most")
    asked = parser.parse_args()
    requests = [twilio.request(number) for number in range(asked.first, asked.first + asked.most)]
    print(json.dumps(run(asked.port, asked.clients, asked.seconds, requests).summary()))


if __name__ == "__main__":
    main()
