"""The worker's part for mails: every mail that was promised leaves, each by its own task."""

from portal.models import QueuedTask
from portal.queue import run_queued

MAILS = ("derogations.send_mail", "members.send_message_to")


def post_mails() -> None:
    """Run the promised mails that wait, those that they promise included."""
    waiting = QueuedTask.objects.filter(task_name__in=MAILS, done_at=None, dead_at=None, attempts=0)
    while ids := list(waiting.order_by("pk").values_list("pk", flat=True)):
        for pk in ids:
            run_queued(pk)
