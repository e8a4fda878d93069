"""supervisor.py: a crash is restarted, later and later, and not for ever."""

from launcher.screen import accounts_table
from launcher.supervisor import MOST_CRASHES, WINDOW_SECONDS, Restarts


def test_each_crash_waits_longer_until_it_is_enough() -> None:
    restarts = Restarts()
    assert [restarts.delay(float(n)) for n in range(MOST_CRASHES)] == [1, 2, 4, 8, None]


def test_old_crashes_are_forgotten() -> None:
    restarts = Restarts()
    for now in range(0, 20 * WINDOW_SECONDS, WINDOW_SECONDS + 1):
        assert restarts.delay(float(now)) == 1


def test_the_accounts_are_in_columns_with_blanks_for_what_is_absent() -> None:
    table = accounts_table([{"role": "RCELL", "member": "Ville", "email": "a@b.c"}])
    assert table.splitlines() == [
        "  Rôle   Organisme  Courriel  Mot de passe",
        "  RCELL  Ville      a@b.c",
    ]
