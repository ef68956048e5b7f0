"""A config that is wrong, through the real command: exit 2 and one line with the file and the key, and no secret."""

import os
import subprocess
import sys

import pytest

from tests.process.conftest import CONFIG, PATIENCE, ROOT
from tests.process.knocks import ACCOUNT, KEY, LINE, PUBLIC, SECRET, TOKEN

pytestmark = pytest.mark.process

SECRETS = {"SID": ACCOUNT, "TOKEN": TOKEN, "KEY": KEY, "SECRET": SECRET}
PHONE = 'provider: smsgate, kind: sms, address: "+59170009999", username: u, password: x, signing_key: x'
AGAIN = f'  {{name}}: {{{{{PHONE}, api: "http://127.0.0.1:9"}}}}\n'


def _unknown(said, env):
    return said.replace("confirm_after", "confirm_afer"), env, "followups.confirm_afer"


def _unknown_of_a_channel(said, env):
    return said.replace("auth_token:", "auth_tokn:"), env, "channels.twilio.auth_tokn"


def _missing(said, env):
    return said, {name: value for name, value in env.items() if name != "TOKEN"}, "channels.twilio.auth_token"


def _empty(said, env):
    return said, {**env, "TOKEN": ""}, "channels.twilio.auth_token"


def _left_out(said, env):
    return said.replace(', secret: "${SECRET}"', "", 1), env, "channels.africastalking.secret"


def _twice(said, env):
    return said.replace("quiet_hours", AGAIN.format(name="phone") + "quiet_hours"), env, "channels.phone"


def _same_line(said, env):
    return said.replace("quiet_hours", AGAIN.format(name="other") + "quiet_hours"), env, "channels.other"


SPOILT = [_unknown, _unknown_of_a_channel, _missing, _empty, _left_out, _twice, _same_line]


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda spoil: spoil.__name__.strip("_"))
def test_a_wrong_config_ends_the_command_with_one_line(tmp_path, spoil):
    store = f"sqlite:///{tmp_path / 'barrio.db'}"
    good = CONFIG.format(public=PUBLIC, store=store, city=ROOT / "city", line=LINE, api="http://127.0.0.1:9")
    said, secrets, key = spoil(good, SECRETS)
    file = tmp_path / "config.yaml"
    file.write_text(said, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "serve", "--config", str(file)],
        cwd=ROOT,
        env={**{name: value for name, value in os.environ.items() if name not in SECRETS}, **secrets},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert f"{file}: {key}: " in line
    assert not [value for value in SECRETS.values() if value in line]
    assert not (tmp_path / "barrio.db").exists()
