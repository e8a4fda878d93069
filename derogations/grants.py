"""Guardian's direct table on Derogation: who may open its signing page (signing.md §2)."""

from django.db import models

from members.grants import PersonalGrant, PersonalGroupGrant


class SigningGrant(PersonalGrant):
    """A user's ``sign_derogation`` on one derogation: the projection of E3 to E8."""

    content_object = models.ForeignKey("derogations.Derogation", on_delete=models.CASCADE)


class SigningGroupGrant(PersonalGroupGrant):
    """Guardian asks for its table; the portal grants nothing to groups."""

    content_object = models.ForeignKey("derogations.Derogation", on_delete=models.CASCADE)
