"""The newcomer's story, played on the simulator's phone by a real browser against a real service."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Service

pytestmark = [pytest.mark.browser, pytest.mark.process, pytest.mark.timeout(180)]

CODE = re.compile(r"\d{3}-\d{3}-\d{3}")
COMPLAINT = "no ay lus en mi calle en alto tacagua, el poste esta roto ase 3 dias"
#: Milliseconds: a follow-up is due after 5 s, ticks come every second.
SOON, LATER = 10_000, 30_000


class Phone:
    """The phone as a person has it in the hand: keys to press, a glass to read."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.glass = page.locator("#glass")
        self.last = page.locator("#thread .theirs .words").last
        self.came = page.locator("#thread [data-came]")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.locator(f"[data-key='{key}']").click()

    def received(self) -> int:
        return int(self.came.get_attribute("data-came") or 0)

    def text(self, words: str, says: str | re.Pattern[str]) -> str:
        """Write an SMS on the keyboard, send it, and read the answer."""
        before = self.received()
        self.press("end", "left")
        self.page.locator("#draft").fill(words)
        self.press("left")
        return self.hear(before, says)

    def hear(self, before: int, says: str | re.Pattern[str], patience: int = SOON) -> str:
        """Wait for more than ``before`` messages, the last of which says something."""
        expect(self.came).not_to_have_attribute("data-came", str(before), timeout=patience)
        expect(self.last).to_contain_text(says, timeout=patience)
        return self.last.inner_text()

    def dial(self, says: str | re.Pattern[str]) -> None:
        self.press("end", *"*384*40#", "call")
        self.reads(says)

    def answer(self, words: str, says: str | re.Pattern[str]) -> None:
        self.page.locator("#answer").fill(words)
        self.press("left")
        self.reads(says)

    def reads(self, says: str | re.Pattern[str]) -> None:
        expect(self.page.locator("#said")).to_contain_text(says, timeout=SOON)


@pytest.fixture
def page(chromium: Browser, service: Service):
    """The simulator's page on a laptop. Whatever the browser complains about fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 960}, locale="es-BO", color_scheme="light")
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("requestfailed", lambda request: complaints.append(request.url))
    opened.goto(f"{service.url}/simulator")
    yield opened
    context.close()
    assert complaints == []


@pytest.fixture
def phone(page: Page) -> Phone:
    return Phone(page)


def code_in(text: str) -> str:
    found = CODE.search(text)
    assert found, text
    return found[0]


def test_the_newcomers_story(phone: Phone, service: Service, album: Path):
    code = tells_and_asks(phone)
    files_by_keys(phone, code)
    service.case("resolve", code, "--reply", "poste reparado")
    is_told_and_asked_and_says_no(phone, service, code, album)
    service.case("resolve", code, "--reply", "cambiamos el foco")
    is_asked_again_and_says_yes(phone, service, code)
    assert phone.page.locator("#deeds li.in").count() > 5
    said = service.output.read_text()
    for mark in ("7000000", "no ay lus", "poste", code, code.replace("-", "")):
        assert mark not in said.split("{", 1)[-1]


def tells_and_asks(phone: Phone) -> str:
    """A complaint in bad Spanish is answered with a code and a date; the code, with how it stands."""
    receipt = phone.text(COMPLAINT, CODE)
    assert re.search(r"Plazo \w{3} \d+ \w{3}", receipt), receipt
    expect(phone.page.locator("#deeds")).to_contain_text("Entendió un reclamo nuevo")
    expect(phone.page.locator("#deeds")).to_contain_text("1 segmento")
    code = code_in(receipt)
    status = phone.text(code, "recibido")
    assert code in status
    return code


def files_by_keys(phone: Phone, code: str) -> None:
    """Dialling files another case by keys, and its code comes by SMS as well."""
    before = phone.received()
    phone.dial("Barrio Digital")
    phone.answer("1", "un solo mensaje")
    phone.answer("no llega agua en alto tacagua hace una semana", CODE)
    other = code_in(phone.page.locator("#said").inner_text())
    assert other != code
    phone.press("left")
    assert phone.hear(before, other)


def is_told_and_asked_and_says_no(phone: Phone, service: Service, code: str, album: Path) -> None:
    """The resolution arrives by itself, later the question; NO reopens with priority."""
    expect(phone.page.locator("#news")).to_contain_text("nuevo", timeout=SOON)
    phone.press("right")
    phone.hear(0, "poste reparado")
    phone.hear(0, re.compile(r"[Qq]ued[oó] bien"), LATER)
    phone.page.screenshot(path=album / "simulator.png")
    phone.text("NO", "prioridad")
    assert service.case("show", code)["status"] == "reopened"


def is_asked_again_and_says_yes(phone: Phone, service: Service, code: str) -> None:
    """Resolved again, asked again; SI closes the case and asks for a mark from one to five."""
    phone.hear(0, "cambiamos el foco")
    phone.hear(0, re.compile(r"[Qq]ued[oó] bien"), LATER)
    phone.text("si", "1 a 5")
    phone.text("5", "Gracias")
    case = service.case("show", code)
    assert (case["status"], case["outcome"], case["rating"], case["resolution_no"]) == ("closed", "confirmed", 5, 2)
