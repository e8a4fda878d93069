"""Guardian's direct foreign-key tables on Branch, and the projection that fills them (D-01)."""

from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase


class BranchGrant(UserObjectPermissionBase):
    """A user's permission on a branch: the projection of a respondent in force."""

    content_object = models.ForeignKey("members.Branch", on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False


class BranchGroupGrant(GroupObjectPermissionBase):
    """Guardian asks for its table; the portal grants nothing to groups."""

    content_object = models.ForeignKey("members.Branch", on_delete=models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False


class PersonalGrant(UserObjectPermissionBase):
    """A user's permission on one object: the base of an app's own direct foreign-key table."""

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True


class PersonalGroupGrant(GroupObjectPermissionBase):
    """The base of the group table that guardian asks for beside it."""

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = True
