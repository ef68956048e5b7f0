"""The phone as a thing to use: by touch, by keys, by keyboard, without script, on every width, in light and dark."""

import re
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Service

pytestmark = [pytest.mark.browser, pytest.mark.process, pytest.mark.timeout(120)]

SOON = 10_000
#: What README shows of these.
PICTURED = {(360, "light"), (768, "dark")}
#: Everything that a finger may meet on the page, measured in CSS pixels.
TARGETS = """() => [...document.querySelectorAll("button, .phones a, input:not([type=hidden])")]
    .filter((each) => each.checkVisibility() && !each.closest(".glass"))
    .map((each) => [each.textContent.trim() || each.id, each.getBoundingClientRect()])
    .filter(([, box]) => box.width < 44 || box.height < 44).map(([name]) => name)"""
#: Pairs of a text's and its ground's colour, as the browser has computed them.
COLOURS = """() => [...document.querySelectorAll("h1, h2, p, small, b, a, button, label, code, time, .state")]
    .filter((each) => each.checkVisibility() && each.textContent.trim() && !each.closest(".for-ears, .skip, :disabled"))
    .map((each) => {
        let ground = each;
        while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)" && ground.parentElement) ground = ground.parentElement;
        return [each.textContent.trim().slice(0, 30), getComputedStyle(each).color, getComputedStyle(ground).backgroundColor];
    })"""


def open_page(chromium: Browser, url: str, **context) -> Page:
    return_to = chromium.new_context(locale="es-BO", **context)
    page = return_to.new_page()
    page.goto(url)
    return page


@pytest.fixture
def page(chromium: Browser, service: Service, request):
    """A page whose phone has a number of this test's own."""
    opened = open_page(chromium, f"{service.url}/simulator", viewport={"width": 1280, "height": 900})
    number = f"+5917000{zlib.crc32(request.node.name.encode()) % 9000 + 1000}"
    opened.locator("#other-number").fill(number)
    opened.get_by_role("button", name="Usar").click()
    yield opened
    opened.context.close()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.locator(f"[data-key='{key}']").click()


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(ink: str, ground: str) -> float:
    light, dark = sorted((luminance(ink), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(320, 640), (360, 740), (768, 1024), (1280, 900)], ids=lambda size: str(size[0]))
def test_it_fits_every_width(chromium: Browser, service: Service, album: Path, scheme, size):
    width, height = size
    viewport = {"width": width, "height": height}
    page = open_page(chromium, f"{service.url}/simulator", viewport=viewport, color_scheme=scheme)
    expect(page.locator("#hour")).not_to_be_empty()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(TARGETS) == []
    faint = [(text, ink, ground) for text, ink, ground in page.evaluate(COLOURS) if contrast(ink, ground) < 4.5]
    assert faint == []
    if (width, scheme) in PICTURED:
        page.screenshot(path=album / f"simulator-{width}-{scheme}.png")
    page.context.close()


def test_sixteen_by_six_characters_are_on_the_glass(page: Page):
    columns, rows = page.evaluate(
        """() => {
            const glass = document.getElementById("glass");
            const probe = Object.assign(document.createElement("span"), { textContent: "M".repeat(16) });
            glass.append(probe);
            const box = probe.getBoundingClientRect();
            probe.remove();
            return [glass.clientWidth / (box.width / 16), glass.clientHeight / parseFloat(getComputedStyle(glass).lineHeight)];
        }"""
    )
    assert round(columns) == 16
    assert round(rows) == 6


def test_letters_come_by_tapping_keys(page: Page):
    press(page, "left")
    press(page, "4", "4", "6", "6", "6", "5", "5", "5", "2")
    draft = page.locator("#draft")
    expect(draft).to_have_value("hola")
    expect(page.locator("#mark")).to_have_text("4 abc")
    press(page, "#")
    expect(page.locator("#mark")).to_have_text("4 ABC")
    press(page, "0", "6")
    expect(draft).to_have_value("hola M")
    press(page, "#", "2", "2", "*")
    expect(draft).to_have_value("hola M22*")
    press(page, "right", "right", "right", "right")
    expect(draft).to_have_value("hola ")
    press(page, "end", "left")
    expect(draft).to_have_value("hola ")


def test_a_slow_second_tap_is_a_second_letter(page: Page):
    page.clock.install()
    press(page, "left", "2")
    page.clock.run_for(1_000)
    press(page, "2")
    expect(page.locator("#draft")).to_have_value("aa")


def test_everything_can_be_done_on_a_keyboard(page: Page):
    page.locator("h1").click()
    page.keyboard.type("hola, no hay agua en alto tacagua")
    expect(page.locator("#draft")).to_have_value("hola, no hay agua en alto tacagua")
    page.keyboard.press("Enter")
    expect(page.locator("#thread .theirs")).to_have_count(1, timeout=SOON)
    page.keyboard.press("Escape")
    page.keyboard.type("*384*40#")
    expect(page.locator("#dialled")).to_have_text("*384*40#")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Barrio Digital", timeout=SOON)
    page.keyboard.press("Escape")
    expect(page.locator("#hour")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.type("12")
    page.keyboard.press("Backspace")
    expect(page.locator("#dialled")).to_have_text("1")
    page.keyboard.press("Backspace")
    expect(page.locator("#hour")).to_be_visible()


def test_another_number_is_not_answered_here(page: Page):
    press(page, "1", "1", "0", "call")
    expect(page.locator("#news")).to_contain_text("solo contesta *384*40#")


def test_a_screen_reader_hears_what_comes(page: Page):
    heard = page.get_by_role("status")
    page.get_by_role("button", name="Escribir un ejemplo").click()
    page.get_by_role("button", name="Enviar").click()
    expect(heard).to_contain_text("Mensaje nuevo: Caso ", timeout=SOON)
    for name in ("Llamar", "Colgar", "Subir", "Bajar", "Asterisco", "Numeral"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()


def test_two_phones_do_not_hear_each_other(page: Page):
    mine = page.locator("#thread .mine", has_text="soy yo, no hay agua")
    page.keyboard.type("soy yo, no hay agua en alto tacagua")
    page.keyboard.press("Enter")
    expect(mine).to_have_count(1, timeout=SOON)
    number = page.locator("#other-number").input_value()
    page.get_by_role("link", name="El de la vecina").click()
    expect(page.get_by_role("link", name="El de la vecina")).to_have_attribute("aria-current", "true")
    press(page, "right")
    expect(mine).to_have_count(0, timeout=SOON)
    page.locator("#other-number").fill(number)
    page.get_by_role("button", name="Usar").click()
    expect(page.locator(".phones [aria-current]")).to_have_count(0)
    expect(mine).to_have_count(1, timeout=SOON)


def test_nothing_written_is_lost_when_the_line_is(page: Page):
    def cut(route: Route) -> None:
        route.abort()

    page.route("**/simulator/sms", cut)
    page.get_by_role("button", name="Escribir un ejemplo").click()
    wrote = page.locator("#draft").input_value()
    press(page, "left")
    expect(page.locator("#news")).to_have_text("Sin señal. Su texto sigue aquí.", timeout=SOON)
    press(page, "left")
    expect(page.locator("#draft")).to_have_value(wrote)
    page.unroute("**/simulator/sms")
    press(page, "left")
    expect(page.locator("#thread .theirs")).to_have_count(1, timeout=SOON)


def test_a_call_that_breaks_says_so(page: Page):
    page.route("**/simulator/ussd", lambda route: route.abort())
    page.get_by_role("button", name="Marcar *384*40#").click()
    press(page, "left")
    expect(page.locator("#said")).to_have_text("Sin señal. Marque otra vez.", timeout=SOON)
    press(page, "left")
    expect(page.locator("#hour")).to_be_visible()


def test_without_script_an_sms_still_goes(chromium: Browser, service: Service):
    page = open_page(chromium, f"{service.url}/simulator?phone=2", java_script_enabled=False)
    for hidden in page.locator(".needs-script").all():
        expect(hidden).to_be_hidden()
    came = page.locator("#thread .theirs").count()
    page.locator("#draft").fill("no recogen la basura en alto tacagua")
    page.get_by_role("button", name="Enviar").click()
    assert page.url == f"{service.url}/simulator?phone=2"
    expect(page.locator("#thread .mine").last).to_contain_text("no recogen la basura")
    expect(page.locator("#deeds")).to_contain_text("Entendió")
    for _ in range(50):
        page.get_by_role("link", name="Ver si llegó algo").click()
        if page.locator("#thread .theirs").count() > came:
            break
    assert page.locator("#thread .theirs").count() > came
    page.context.close()
