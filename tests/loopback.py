"""A provider on loopback, in a thread: the vendors' SDKs block, so it cannot share the test's event loop."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@dataclass(frozen=True, slots=True)
class Heard:
    """One request that reached the stub."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


@dataclass(slots=True)
class Stub:
    """Keeps what it hears; answers what it was told to, and otherwise as Twilio says that there is no such thing."""

    url: str
    heard: list[Heard] = field(default_factory=list)
    _answers: dict[tuple[str, str], tuple[int, str, str]] = field(default_factory=dict)

    def on(self, method: str, path: str, body: str, status: int = 200, kind: str = "application/json") -> None:
        """Answer ``method path`` (without its query) so from now on."""
        self._answers[method, path] = (status, kind, body)

    def answer(self, method: str, path: str) -> tuple[int, str, str]:
        missing = (404, "application/json", '{"code": 20404, "message": "not found", "status": 404}')
        return self._answers.get((method, path), missing)


@contextmanager
def provider() -> Iterator[Stub]:
    """Stand on a free port while the block runs. Proxies of the machine are not asked meanwhile."""

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query, form = (dict(parse_qsl(text, keep_blank_values=True)) for text in (parts.query, body.decode()))
            stub.heard.append(Heard(self.command, parts.path, query, headers, form))
            status, kind, answer = stub.answer(self.command, parts.path)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(answer.encode())))
            self.end_headers()
            self.wfile.write(answer.encode())

        do_GET = do_POST = _take  # noqa: N815  http.server names them

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub = Stub(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    with pytest.MonkeyPatch.context() as patched:
        for name in _PROXIES:
            patched.delenv(name, raising=False)
        yield stub
    server.shutdown()
    server.server_close()
    thread.join()
