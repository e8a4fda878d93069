"""The members' tasks: keep the projection true as periods begin and end."""

from celery import shared_task

from members.projection import project


@shared_task(name="members.sweep_grants")
def sweep_grants() -> None:
    """Write the grants that begin and delete those that ended (D-02)."""
    project()
