"""choices.py: ports, the settings given to the portal, the kept secret."""

import socket
from pathlib import Path

import pytest

from launcher.choices import (
    Choices,
    portal_environment,
    read_choices,
    refuse_busy_port,
    write_environment,
)
from launcher.screen import LauncherError

HERE = Choices("127.0.0.1", 8000)


@pytest.mark.parametrize("text", ["0", "65536", "huit", "-1", "80 80", "²"])
def test_a_port_that_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(LauncherError, match="PORT"):
        read_choices({"PORT": text})


def test_a_host_name_left_by_a_shell_is_ignored() -> None:
    assert read_choices({"HOST": "x86_64-linux-gnu"}) == HERE
    assert read_choices({"HOST": "0.0.0.0", "PORT": "81"}) == Choices("0.0.0.0", 81)


def test_a_busy_port_is_refused_with_another_to_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        choices = Choices("127.0.0.1", taken.getsockname()[1])
        with pytest.raises(LauncherError, match="make run PORT="):
            refuse_busy_port(choices)
    refuse_busy_port(choices)


def test_the_environment_keeps_what_was_chosen_and_never_debugs(tmp_path: Path) -> None:
    base = {"DEBUG": "1", "DEMONSTRATION": "0", "PYTHONDONTWRITEBYTECODE": "1", "PATH": "/bin"}
    env = portal_environment(base, HERE, tmp_path, {"REDIS_URL": "redis+socket:///x"})
    assert env["DEBUG"] == "0"
    assert env["DEMONSTRATION"] == "0"
    assert env["BASE_URL"] == "http://localhost:8000"
    assert env["REDIS_URL"] == "redis+socket:///x"
    assert "PYTHONDONTWRITEBYTECODE" not in env
    again = portal_environment({}, HERE, tmp_path, {})
    assert again["SECRET_KEY"] == env["SECRET_KEY"]
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_the_file_to_source_is_private_and_quoted(tmp_path: Path) -> None:
    target = tmp_path / "environment"
    write_environment(target, {"DATA_DIR": "/à b/c", "HOME": "/root"})
    assert target.read_text() == "export DATA_DIR='/à b/c'\n"
    assert target.stat().st_mode & 0o777 == 0o600
