"""ITQ's addresses over bills, and those of a member's files; ``billing/urls.py`` gathers them."""

from django.urls import URLPattern, path

from billing.views import bill_files, staff_expected, staff_profiles, staff_versions

_STAFF = "itq/facturation"
_MEMBER = "organismes/<slug:member>/factures/fichiers"
_PROFILES = f"{_STAFF}/profils"
_VERSION = f"{_PROFILES}/versions/<int:version>"


def _file_patterns(home: str, root: str, prefix: str) -> list[URLPattern]:
    """The pages of files, under a member's name or ITQ's; ``home`` is where the list is."""
    file, one = f"{root}/<int:bill_file>", f"{root}/imports/<int:bill_import>"
    pages = (
        (f"{home}/", bill_files.bill_file_list, "bill_file_list"),
        (f"{root}/nouveaux/", bill_files.bill_file_new, "bill_file_new"),
        (f"{file}/", bill_files.bill_file_detail, "bill_file_detail"),
        (f"{file}/avancement/", bill_files.bill_file_progress, "bill_file_progress"),
        (f"{file}/original", bill_files.bill_file_download, "bill_file_download"),
        (f"{file}/regler/", bill_files.bill_file_settle, "bill_file_settle"),
        (f"{file}/quarantaine/", bill_files.quarantine_list, "quarantine_list"),
        (f"{one}/confirmer/", bill_files.import_confirm, "import_confirm"),
        (f"{one}/refuser/", bill_files.import_refuse, "import_refuse"),
        (f"{one}/relire/", bill_files.import_replay, "import_replay"),
    )
    return [path(route, view, name=f"{prefix}{name}") for route, view, name in pages]


profile_patterns: list[URLPattern] = [
    path(f"{_PROFILES}/", staff_profiles.staff_profile_list, name="staff_profile_list"),
    path(f"{_PROFILES}/nouveau/", staff_profiles.staff_profile_new, name="staff_profile_new"),
    path(
        f"{_PROFILES}/<int:profile>/",
        staff_profiles.staff_profile_detail,
        name="staff_profile_detail",
    ),
    path(
        f"{_PROFILES}/<int:profile>/attendu/",
        staff_profiles.staff_profile_expect,
        name="staff_profile_expect",
    ),
    path(
        f"{_PROFILES}/<int:profile>/version/",
        staff_profiles.staff_version_new,
        name="staff_version_new",
    ),
    path(f"{_VERSION}/", staff_versions.staff_version_detail, name="staff_version_detail"),
    path(f"{_VERSION}/modifier/", staff_versions.staff_version_edit, name="staff_version_edit"),
    path(f"{_VERSION}/essai/", staff_versions.staff_version_try, name="staff_version_try"),
    path(f"{_VERSION}/essayee/", staff_versions.staff_version_test, name="staff_version_test"),
    path(
        f"{_VERSION}/comparaison/",
        staff_versions.staff_version_compare,
        name="staff_version_compare",
    ),
    path(f"{_VERSION}/en-tetes/", staff_versions.staff_version_drift, name="staff_version_drift"),
    path(
        f"{_VERSION}/service/",
        staff_versions.staff_version_activate,
        name="staff_version_activate",
    ),
    path(f"{_VERSION}/retirer/", staff_versions.staff_version_retire, name="staff_version_retire"),
]
staff_patterns: list[URLPattern] = [
    path(f"{_STAFF}/attendus/", staff_expected.staff_expected_list, name="staff_expected_list"),
    *profile_patterns,
    *_file_patterns(_STAFF, f"{_STAFF}/fichiers", "staff_"),
    *_file_patterns(_MEMBER, _MEMBER, ""),
]
