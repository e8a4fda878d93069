"""Factories of the ground's tables."""

import hashlib
import uuid

import factory

from portal import models


class StoredFileFactory(factory.django.DjangoModelFactory):
    """A file's row without its bytes."""

    class Meta:
        model = models.StoredFile

    name = factory.Sequence(lambda n: f"fichier-{n}.pdf")
    sha256 = factory.LazyAttribute(lambda row: hashlib.sha256(row.name.encode()).hexdigest())
    content_type = "application/pdf"
    size = 1


class QueuedTaskFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.QueuedTask

    task_name = "portal.ping"


class IdempotencyKeyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.IdempotencyKey

    user_id = 1
    key = factory.LazyFunction(uuid.uuid4)
    fingerprint = "0" * 64
    answer = "/"
