"""The ground's own tasks: run what was promised, sweep, keep the journal."""

from celery import shared_task

from portal import journal, queue, retention


@shared_task(name="portal.run_queued")
def run_queued(queued_id: int) -> None:
    """Run one promised task under its lease."""
    queue.run_queued(queued_id)


@shared_task(name="portal.sweep_queue")
def sweep_queue() -> None:
    """Re-drive what is late; that this runs shows that a worker lives."""
    queue.sign_in_worker()
    queue.sweep()


@shared_task(name="portal.chain_journal")
def chain_journal() -> None:
    """Link the journal's waiting events."""
    journal.chain_events()


@shared_task(name="portal.write_journal_head")
def write_journal_head() -> None:
    """Write the chain's head outside the database."""
    journal.write_head()


@shared_task(name="portal.sweep_out")
def sweep_out() -> None:
    """Throw away what has served."""
    retention.sweep_out()


@shared_task(name="portal.ping")
def ping() -> None:
    """Sign in: the launcher sees that the worker runs promised work."""
    queue.sign_in_worker()
