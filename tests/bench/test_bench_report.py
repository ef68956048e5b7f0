"""The page of what was measured says what the data says."""

import xml.etree.ElementTree as ET

import pytest

from bench import report
from bench.charts import Bar, bars, course
from bench.results import Result, Sample


def test_page_and_pictures_are_made_from_the_data() -> None:
    found = report.read()
    assert report.PAGE.read_text() == report.page(report.PAGE.read_text(), found)
    for name, text in report.pictures(found).items():
        assert (report.PICTURES / name).read_text() == text, f"python -m bench.report: {name} is stale"


def test_a_part_of_the_page_is_made_anew_and_the_rest_stays() -> None:
    samples = [Sample(case="c", server="bare", round=1, values={"rate": 2.0}),
               Sample(case="c", server="gateway", round=1, values={"rate": 1.0})]  # fmt: skip
    result = Result(
        bench="pipe", about="x", against=["bare"], samples=samples, goals={"pipe": 0.5}, machine="m", at="t"
    )
    page = report.page("before\n<!-- bench pipe -->\nold\n<!-- end -->\nafter\n", {"pipe": result})
    assert page.startswith("before\n<!-- bench pipe -->\n![")
    assert "| c | gateway | 1 | 0.50 |" in page
    assert "old" not in page
    assert page.endswith("<!-- end -->\nafter\n")


def test_a_goal_that_nobody_measured_says_so() -> None:
    assert "| not measured |" in report.page("<!-- bench goals -->\n<!-- end -->", {})


@pytest.mark.parametrize(
    "drawn",
    [
        bars(
            "A & B",
            "one",
            [Bar(label="<us>", value=1, low=0.5, high=2), Bar(label="b", value=0, low=0, high=0)],
            goal=3,
        ),
        course("m", "n", [(0.0, 10.0), (60.0, 12.0)], unit="MB"),
        course("m", "n", [(0.0, 0.0)], unit="MB"),
    ],
)
def test_a_chart_is_a_picture_that_can_be_read_as_text(drawn: str) -> None:
    picture = ET.fromstring(drawn)  # noqa: S314  our own
    space = "{http://www.w3.org/2000/svg}"
    assert [child.tag for child in picture][:2] == [f"{space}title", f"{space}desc"]
    assert "prefers-color-scheme: dark" in drawn


def test_a_longer_bar_is_a_larger_value() -> None:
    drawn = bars("t", "d", [Bar(label="a", value=1, low=1, high=1), Bar(label="b", value=4, low=4, high=4)])
    picture = ET.fromstring(drawn)  # noqa: S314  our own
    widths = [float(rect.get("width", 0)) for rect in picture.iter("{http://www.w3.org/2000/svg}rect")][1:]
    assert widths[1] == pytest.approx(4 * widths[0], rel=0.01)
