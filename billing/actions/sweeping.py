"""Tables of rows that are of use to nobody, dropped behind their readers (D-40)."""

from billing import events
from billing.actions.discarding import drop, idle_storages
from portal.audit import SystemActor, record
from portal.commands import action


@action
def sweep_storages(*, by: SystemActor) -> int:
    """Drop the idle tables that nobody reads now; return how many."""
    dropped = [storage for storage in idle_storages() if drop(storage)]
    for storage in dropped:
        record(events.STORAGE_DROPPED, by=by, on=storage, table=storage.table)
    return len(dropped)
