"""Five questions, answered from a pipe, and what they leave behind."""

import stat

import pytest
from click.testing import CliRunner

from gateway.cli.desk import Desk, environment
from gateway.cli.root import barrio
from gateway.config import load
from gateway.strict import ConfigError


@pytest.fixture
def ask(tmp_path, clock, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*answers, file="config.yaml"):
        keys = "".join(f"{answer}\n" for answer in answers)
        return CliRunner().invoke(barrio, ["init", "--config", file], obj=Desk(clock=clock), input=keys)

    return run


def config(folder, **given):
    return load(folder / "config.yaml", {**environment(folder / "config.yaml"), **given})


def test_enter_takes_what_is_offered(ask, tmp_path):
    result = ask("", "", "", "", "")
    assert result.exit_code == 0, result.output
    made = config(tmp_path, PHONE_USERNAME="u", PHONE_PASSWORD="p")
    assert (made.service.name, made.service.public_url) == ("Barrio Digital", "http://localhost:8080")
    line = made.channels["phone"]
    assert (line.provider, line.address, line.signing_key) == ("smsgate", "+59170000000", f"secret-{1:032x}")
    assert made.service.timezone.key == "America/La_Paz"


def test_a_telephone_is_told_where_we_are(ask):
    said = ask("", "https://barrio.example", "smsgate", "", "").stdout
    assert said.count('curl -u "$PHONE_USERNAME:$PHONE_PASSWORD"') == 4
    assert said.count("http://PHONE:8080/webhooks") == 4
    assert '"url": "https://barrio.example/in/phone/sms", "event": "sms:received"' in said
    assert f"secret-{1:032x}" not in said


def test_a_line_of_africas_talking(ask, tmp_path):
    result = ask("Alcaldía de La Paz", "https://barrio.example/", "africastalking", "21512", "Africa/Nairobi")
    made = config(tmp_path, AT_USERNAME="u", AT_API_KEY="k")
    assert made.service.name == "Alcaldía de La Paz"
    assert made.service.public_url == "https://barrio.example"
    assert made.channels["africastalking"].secret == f"secret-{1:032x}"
    assert "https://barrio.example/in/africastalking/<AT_SECRET of .env>/sms" in result.stdout
    assert f"secret-{1:032x}" not in result.output


def test_a_line_of_twilio(ask, tmp_path):
    result = ask("", "https://barrio.example", "twilio", "+1 (202) 555-0143", "")
    made = config(tmp_path, TWILIO_ACCOUNT_SID="s", TWILIO_AUTH_TOKEN="t")
    assert made.channels["twilio"].address == "+12025550143"
    assert made.service.country == "BO"
    assert "barrio channel setup" in result.stdout
    assert "Fill in TWILIO_AUTH_TOKEN in " in result.stdout


ZONES = {"America/La_Paz": "BO", "Africa/Nairobi": "KE", "America/Argentina/Salta": "AR", "UTC": "BO"}


@pytest.mark.parametrize(("zone", "country"), ZONES.items())
def test_the_country_is_that_of_the_time_zone(ask, tmp_path, zone, country):
    ask("", "", "simulator", "+12025550143", zone)
    assert config(tmp_path).service.country == country


def test_nobody_yet(ask, tmp_path):
    assert ask("", "", "simulator", "", "").exit_code == 0
    assert set(config(tmp_path).channels) == {"demo", "demo-ussd"}


def test_what_the_provider_gives_must_be_filled_in(ask, tmp_path):
    ask("", "", "twilio", "+59170000000", "")
    with pytest.raises(
        ConfigError, match=r"config\.yaml: channels\.twilio\.account_sid: the variable TWILIO_ACCOUNT_SID"
    ):
        config(tmp_path)


def test_secrets_are_for_their_owner_only(ask, tmp_path):
    ask("", "", "", "", "")
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert "secret-" not in (tmp_path / "config.yaml").read_text()


def test_it_makes_the_folder(ask, tmp_path):
    assert ask("", "", "simulator", "", "", file="new/folder/config.yaml").exit_code == 0
    assert load(tmp_path / "new" / "folder" / "config.yaml", {}).channels
    assert not list(tmp_path.glob("**/*.part"))


@pytest.mark.parametrize("file", ["config.yaml", ".env"])
def test_what_is_there_is_not_overwritten(ask, tmp_path, file):
    (tmp_path / file).write_text("mine", encoding="utf-8")
    result = ask("n")
    assert result.exit_code == 1
    assert f"{file} is there already. Write it anew?" in result.output
    assert (tmp_path / file).read_text(encoding="utf-8") == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_what_is_there_is_overwritten_if_asked(ask, tmp_path):
    for file in ("config.yaml", ".env"):
        (tmp_path / file).write_text("mine", encoding="utf-8")
    assert ask("y", "y", "", "", "simulator", "", "").exit_code == 0
    assert "mine" not in (tmp_path / "config.yaml").read_text() + (tmp_path / ".env").read_text()


def test_answers_that_do_not_fit_are_asked_again(ask, tmp_path):
    result = ask(
        "x" * 41,
        "Name",
        "ftp://x",
        "https://barrio.example",
        "carrier pigeon",
        "simulator",
        "twilio",
        "BARRIO",
        "+59170000000",
        "Moon",
        "America/La_Paz",
    )
    assert result.exit_code == 0, result.output
    for complaint in (
        "1 to 40 letters",
        "must be a web address",
        "'carrier pigeon' is not one of",
        "A simulator on a public address lets anybody pretend to be any number",
        "a number or a short code",
        "write it like America/La_Paz",
    ):
        assert complaint in result.output
    assert config(tmp_path, TWILIO_ACCOUNT_SID="s", TWILIO_AUTH_TOKEN="t").service.name == "Name"


def test_answers_that_end_early_leave_nothing(ask, tmp_path):
    assert ask("Name").exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_beside_the_program_the_city_is_the_one_there(ask, tmp_path, monkeypatch):
    monkeypatch.setattr("gateway.cli.init.HOME", tmp_path)
    ask("", "", "simulator", "", "")
    assert "\ncity: city\n" in (tmp_path / "config.yaml").read_text()
