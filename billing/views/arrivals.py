"""How both checklists show what came of a file: its badge, and the file to decide on."""

from typing import Any

from billing.kinds import Arrival

TONES: dict[str, str] = {
    Arrival.RECEIVED: "success",
    Arrival.TYPED: "info",
    Arrival.UNDER_WAY: "info",
    Arrival.TO_CONFIRM: "warning",
    Arrival.REFUSED: "danger",
    Arrival.AWAITED: "warning",
    Arrival.NONE: "",
}


def arrival_badge(code: str) -> tuple[str, str]:
    """Its words and its colour."""
    return str(Arrival(code).label), TONES[code]


def stopped_file(account: Any) -> int | None:
    """The file that holds the account's charges up, where the person may open it."""
    is_stopped = account.charges in (Arrival.REFUSED, Arrival.TO_CONFIRM)
    return account.file_id if is_stopped else None
