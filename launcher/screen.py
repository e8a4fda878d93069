"""What the terminal shows: steps with durations, accounts, errors with the end of a log."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

LINE = "═" * 78


class LauncherError(Exception):
    """A refusal to start, whose text is a French sentence for the person at the terminal."""


def say(text: str = "") -> None:
    """Print at once; a closed terminal must not interrupt an orderly stop."""
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = open("/dev/null", "w")  # noqa: SIM115


def say_step(name: str, seconds: float) -> None:
    """One finished step and how long it took."""
    say(f"  {name:<58} {seconds:5.1f} s".replace(".", ","))


def shown(path: Path) -> str:
    """A path as the person would type it from here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log, indented; empty when there is none."""
    if not log.exists():
        return ""
    kept = log.read_text(errors="replace").splitlines()[-lines:]
    return "\n".join(f"    │ {line}" for line in kept)


def failure(sentence: str, *logs: Path) -> LauncherError:
    """An error that ends with the tails of the logs that explain it."""
    parts = [sentence]
    for log in logs:
        if text := tail(log):
            parts += [f"  Fin de {shown(log)} :", text]
    return LauncherError("\n".join(parts))


def accounts_table(accounts: Iterable[Mapping[str, str]]) -> str:
    """The demonstration's accounts in columns."""
    titles = {
        "role": "Rôle",
        "member": "Organisme",
        "email": "Courriel",
        "password": "Mot de passe",
    }
    rows = [titles, *accounts]
    widths = {key: max(len(str(row.get(key, ""))) for row in rows) for key in titles}
    return "\n".join(
        "  " + "  ".join(f"{row.get(key, '')!s:<{widths[key]}}" for key in titles).rstrip()
        for row in rows
    )


def ready_block(
    address: str, accounts: Iterable[Mapping[str, str]], seconds: float, notes: Iterable[str]
) -> str:
    """The last thing shown when everything answers."""
    parts = [LINE, f"  PRÊT en {seconds:.1f} s : {address}".replace(".", ",", 1), ""]
    if table := list(accounts):
        parts += ["  Comptes de la démonstration", "", accounts_table(table), ""]
    parts += [f"  {note}" for note in notes]
    return "\n".join([*parts, LINE])
