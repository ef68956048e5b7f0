"""A real gateway process on a real socket, and the providers it talks to as stubs on loopback."""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from twilio.request_validator import RequestValidator

from store import open_store
from tests.process import vendors
from tests.process.knocks import ACCOUNT, KEY, LINE, PUBLIC, SECRET, TOKEN
from tests.process.outside import Outside

ROOT = Path(__file__).resolve().parents[2]
#: Seconds after which something will not come any more, also on a busy machine and in the minute of quiet hours.
PATIENCE = 90

CONFIG = """\
service: {{name: Barrio Digital, country: BO, timezone: America/La_Paz, languages: [es, en], public_url: "{public}"}}
http: {{host: 127.0.0.1, port: 0}}
store: {{url: "{store}"}}
city: "{city}"
channels:
  twilio: {{provider: twilio, kind: sms, address: "{line}", account_sid: "${{SID}}", auth_token: "${{TOKEN}}", api: "{api}"}}
  africastalking: {{provider: africastalking, kind: sms, address: "21512", username: gworg, api_key: "${{KEY}}", secret: "${{SECRET}}", api: "{api}"}}
  africastalking-ussd: {{provider: africastalking, kind: ussd, address: "*384*1234#", secret: "${{SECRET}}", speaks_through: africastalking}}
  phone: {{provider: smsgate, kind: sms, address: "+59170009999", username: gworg, password: "${{KEY}}", signing_key: "${{KEY}}", api: "{api}"}}
quiet_hours: {{from: "03:00", to: "03:01"}}
followups: {{confirm_after: 1s, remind_after: 1d, close_after: 14d}}
outbox: {{concurrency: 4, max_attempts: 6, expire_after: 24h}}
"""


@dataclass(slots=True)
class Stub:
    """The REST APIs of Twilio, Africa's Talking and SMSGate, as far as one message goes. ``hold`` keeps requests unanswered."""

    api: str = ""
    posted: list[dict[str, str]] = field(default_factory=list)
    hold: asyncio.Event | None = None
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def twilio(self, request: web.Request) -> web.Response:
        return self._taken("twilio", await self._take(request, "twilio"))

    async def africastalking(self, request: web.Request) -> web.Response:
        return self._taken("africastalking", await self._take(request, "africastalking"))

    async def smsgate(self, request: web.Request) -> web.Response:
        return self._taken("phone", await self._take(request, "smsgate"))

    def _taken(self, line: str, form: dict[str, str]) -> web.Response:
        _, status, document = vendors.taken(line, form, len(self.posted))
        return web.json_response(document, status=status)

    async def _take(self, request: web.Request, provider: str) -> dict[str, str]:
        form = vendors.form("phone" if provider == "smsgate" else provider, await request.read())
        async with self.arrived:
            self.posted.append({**form, "provider": provider})
            self.arrived.notify_all()
        if self.hold is not None:
            await self.hold.wait()
        return form

    async def wait_for(self, count: int) -> list[dict[str, str]]:
        """Wait until so many messages have been handed over."""
        async with asyncio.timeout(PATIENCE), self.arrived:
            await self.arrived.wait_for(lambda: len(self.posted) >= count)
        return self.posted


@dataclass(slots=True)
class Gateway:
    """``python -m gateway serve`` and ways to talk to it. ``under`` is what starts it: ``prlimit …``, nothing."""

    config: Path
    environment: dict[str, str]
    session: aiohttp.ClientSession
    process: asyncio.subprocess.Process | None = None
    address: str = ""
    log: Path = Path(os.devnull)
    under: tuple[str, ...] = ()
    role: str = "all"

    async def start(self) -> None:
        """Start it and wait for the line that says where it listens."""
        with self.log.open("ab") as log:
            self.process = await self._run(
                "serve", "--role", self.role, "--json", stdout=asyncio.subprocess.PIPE, stderr=log
            )
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            said = await self.process.stdout.readuntil(b"\n}\n")
        self.address = json.loads(said)["address"].replace("localhost", "127.0.0.1")

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """End it as a supervisor would; returns its exit status."""
        return await self._end(signal.SIGTERM)

    async def command(self, *words: str) -> Any:
        """Run a command beside it, and read what it prints as JSON."""
        process = await self._run(*words, "--json", stdout=asyncio.subprocess.PIPE)
        printed, _ = await process.communicate()
        assert process.returncode == 0, printed
        return json.loads(printed)

    async def twilio(self, form: dict[str, str], event: str = "sms") -> tuple[int, str]:
        """Post a webhook as Twilio does, signed by its own SDK."""
        path = f"/in/twilio/{event}"
        signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}{path}", form)
        return await self.post(path, form, {"X-Twilio-Signature": signature})

    async def text(self, text: str, sid: str, sender: str = "+59170000001") -> tuple[int, str]:
        """A resident's text, through Twilio."""
        form = {"MessageSid": sid, "AccountSid": ACCOUNT, "From": sender, "To": LINE, "Body": text, "NumMedia": "0"}
        return await self.twilio(form)

    async def ussd(self, session: str, text: str, sender: str = "+59170000002") -> str:
        """A hop of a USSD session, through Africa's Talking."""
        form = {"sessionId": session, "serviceCode": "*384*1234#", "phoneNumber": sender, "text": text}
        status, screen = await self.post(f"/in/africastalking-ussd/{SECRET}/ussd", form)
        assert status == 200
        return screen

    async def post(self, path: str, form: dict[str, str], headers: dict[str, str] | None = None) -> tuple[int, str]:
        head = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        async with self.session.post(f"{self.address}{path}", data=urlencode(form), headers=head) as answer:
            return answer.status, await answer.text()

    async def until(self, what: Callable[[], Awaitable[bool]]) -> None:
        """Look again and again until something is so; whoever waits here waits for another process's clock."""
        async with asyncio.timeout(PATIENCE):
            while not await what():  # noqa: ASYNC110  another process's doing sets no event here
                await asyncio.sleep(0.05)

    async def _run(self, *words: str, **more: Any) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(self.under if words[0] == "serve" else ()),
            sys.executable,
            "-m",
            "gateway",
            *words,
            "--config",
            str(self.config),
            cwd=ROOT,
            env=self.environment,
            **more,
        )

    async def _end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()


@asynccontextmanager
async def providers() -> AsyncIterator[Stub]:
    """Providers on a free port, while the block runs."""
    made = Stub()
    app = web.Application()
    app.router.add_post(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", made.twilio)
    app.router.add_post("/version1/messaging", made.africastalking)
    app.router.add_post("/messages", made.smsgate)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.api = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@asynccontextmanager
async def running(
    stub: Stub, store_url: str, folder: Path, *, under: tuple[str, ...] = (), role: str = "all", **variables: str
) -> AsyncIterator[Gateway]:
    """A started gateway, while the block runs. What it says on standard error is in ``log``."""
    config = folder / "config.yaml"
    said = CONFIG.format(public=PUBLIC, store=store_url, city=ROOT / "city", line=LINE, api=stub.api)
    config.write_text(said, encoding="utf-8")
    secrets = {"SID": ACCOUNT, "TOKEN": TOKEN, "KEY": KEY, "SECRET": SECRET}
    async with aiohttp.ClientSession() as session:
        environment = {**os.environ, **secrets, **variables}
        made = Gateway(
            config=config, environment=environment, session=session, log=folder / "log.jsonl", under=under, role=role
        )
        try:
            await made.start()
            yield made
        finally:
            if made.process is not None and made.process.returncode is None:
                await made.kill()


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    async with providers() as made:
        yield made


@pytest.fixture
async def gateway(stub: Stub, store_url: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with running(stub, store_url, tmp_path) as made:
        yield made


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def outside(request: pytest.FixtureRequest, engine: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One gateway for all tests of a module, on each engine in turn, and a look at its log and into its store."""
    folder = tmp_path_factory.mktemp(engine)
    if engine == "sqlite":
        shutil.copy(request.getfixturevalue("_migrated_sqlite"), folder / "barrio.db")
        url = f"sqlite:///{folder / 'barrio.db'}"
    else:
        postgres = request.getfixturevalue("postgres")
        url = postgres.url(postgres.make(request.getfixturevalue("_migrated_postgres")))
    store = open_store(url)
    await store.start()
    async with providers() as stub, running(stub, url, folder) as gateway:
        made = Outside(gateway=gateway, stub=stub, store=store)
        yield made
        assert await gateway.stop() == 0
        made.lines()
    await store.close()
