"""Tasks that misbehave; what they did is a line of a file, which no roll back takes away."""

import os
import signal
import time

from celery import shared_task
from django.conf import settings

EFFECTS = "effects"


def write_effect(mark: str) -> None:
    """Append one line, whole."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with open(settings.DATA_DIR / EFFECTS, "a", encoding="utf-8") as file:
        file.write(f"{mark}\n")


@shared_task(name="faults.work")
def work(mark: str, seconds: float = 0.0) -> None:
    """Say that it began, last, say that it ended."""
    write_effect(f"{mark} began {os.getpid()}")
    time.sleep(seconds)
    write_effect(f"{mark} ended")


@shared_task(name="faults.always_raises")
def always_raises(mark: str) -> None:
    """Poison (X-25)."""
    write_effect(mark)
    raise ValueError("poison")


@shared_task(name="faults.kill_child")
def kill_child(mark: str) -> None:
    """As the kernel does to a process that takes too much memory (X-03)."""
    write_effect(mark)
    os.kill(os.getpid(), signal.SIGKILL)


@shared_task(name="faults.transmit_then_die")
def transmit_then_die(mark: str, order_id: int) -> None:
    """Commit, then lose the whole worker before the acknowledgement (X-02)."""
    from orders.tasks import transmit

    first = not (settings.DATA_DIR / EFFECTS).exists()
    transmit(order_id)
    write_effect(mark)
    if first:
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


@shared_task(name="faults.render")
def render(mark: str, template: str) -> None:
    """Render a document that hangs or swells (X-27)."""
    from portal.documents import RenderFailed, render_pdf

    write_effect(f"{mark} began")
    try:
        render_pdf(template, {})
    except RenderFailed as error:
        write_effect(f"{mark} refused {str(error).splitlines()[-1]}")
