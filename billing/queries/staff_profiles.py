"""Format profiles and their versions, as ITQ's administrators keep them."""

from django.db.models import Count, Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404

from billing.kinds import ProfileState
from billing.models import BillFile, FormatProfile, ProfileVersion
from members.models import User
from members.permissions import WHOLE_GROUP, reach_of, require
from members.roles import May, StaffMay
from portal.models import StoredFile

FILES_OFFERED = 50
"""Stored files proposed for a dry run, the latest first."""


def profiles_managed(user: User) -> QuerySet[FormatProfile]:
    """Every profile by provider, with its versions, the latest first."""
    require(user, StaffMay.MANAGE_FORMATS, on=WHOLE_GROUP)
    versions = ProfileVersion.objects.defer("definition").select_related("recorded_by__person")
    return FormatProfile.objects.select_related("provider").prefetch_related(
        Prefetch("versions", versions.annotate(import_count=Count("imports")))
    )


def versions_managed(user: User) -> QuerySet[ProfileVersion]:
    """Every version, with who wrote it and who accepted its blind spots."""
    require(user, StaffMay.MANAGE_FORMATS, on=WHOLE_GROUP)
    return ProfileVersion.objects.select_related(
        "profile__provider", "sample", "recorded_by__person", "accepted_by__person"
    )


def version_served(user: User, profile: FormatProfile) -> ProfileVersion | None:
    """The version in service, else the latest: what a new version starts from."""
    versions = versions_managed(user).filter(profile=profile)
    return versions.filter(state=ProfileState.ACTIVE).first() or versions.first()


def files_to_try(user: User, version: ProfileVersion) -> QuerySet[BillFile]:
    """Stored files of the version's provider: the group's, and those of members who gave ITQ a
    mandate (R-44).
    """
    require(user, StaffMay.MANAGE_FORMATS, on=WHOLE_GROUP)
    reached = reach_of(user, May.IMPORT_BILLS) or []
    return BillFile.objects.filter(
        Q(branch__isnull=True) | Q(branch__in=reached), provider=version.profile.provider_id
    ).select_related("file", "branch")


def sample_seen(user: User, version: ProfileVersion) -> StoredFile | None:
    """The version's sample; none while it is the file of a member who gives ITQ no mandate."""
    require(user, StaffMay.MANAGE_FORMATS, on=WHOLE_GROUP)
    received = BillFile.objects.filter(file=version.sample_id)
    reached = reach_of(user, May.IMPORT_BILLS) or []
    branches = list(received.values_list("branch", flat=True))
    is_hidden = branches and not any(one is None or one in reached for one in branches)
    return None if is_hidden else version.sample


def file_to_try(user: User, version: ProfileVersion, chosen: str) -> StoredFile | None:
    """The file that an address names, the version's own sample by default; 404 for a stranger."""
    if not chosen.isdigit():
        return sample_seen(user, version)
    return get_object_or_404(files_to_try(user, version), pk=int(chosen)).file
