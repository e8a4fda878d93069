"""The rows of ITQ's pages over bills, and of the pages of a member's files."""

from typing import Any

from tests.matrix.expected import Kind, Row

BOTH = ("GET", "POST")
INVALID = 422
FORMATS, GROUP, SEEN = ("manage_formats",), ("import_group_bills",), ("see_group_bills",)
IMPORT = ("import_bills",)


def staff(name: str, may: tuple[str, ...], **asked: Any) -> Row:
    """A page of ITQ's."""
    return Row(f"billing:staff_{name}", Kind.STAFF, see=may, **asked)


def member(name: str, **asked: Any) -> Row:
    """A page of a member's files."""
    return Row(f"billing:{name}", Kind.MEMBER, see=IMPORT, **asked)


def file_rows(make: Any, file: str, prepared: str, take: tuple[str, ...]) -> tuple[Row, ...]:
    """The pages that a member and ITQ both have; ``take``: what opens a file that tells use."""
    return (
        make("bill_file_list"),
        make("bill_file_new", methods=BOTH, done=INVALID),
        make("bill_file_detail", on=file),
        make("bill_file_progress", on=file),
        make("bill_file_download", on=file, post=take, methods=("POST",), done=200),
        make("bill_file_settle", on=file, methods=("POST",)),
        make("quarantine_list", on=file),
        make("import_confirm", on=prepared, methods=("POST",)),
        make("import_refuse", on=prepared, methods=BOTH, done=INVALID),
        make("import_replay", on=prepared, methods=("POST",)),
    )


def group(name: str, **asked: Any) -> Row:
    """A page of the group's files."""
    return staff(name, GROUP, **asked)


BILLING_STAFF_ROWS = (
    staff("profile_list", FORMATS),
    staff("profile_new", FORMATS, methods=BOTH, done=INVALID),
    staff("profile_detail", FORMATS, on="format_profile"),
    staff("profile_expect", FORMATS, on="format_profile", methods=("POST",)),
    staff("version_new", FORMATS, on="format_profile", methods=("POST",)),
    staff("version_detail", FORMATS, on="profile_draft", also=("profile_tested",)),
    staff("version_edit", FORMATS, on="profile_draft", methods=BOTH, done=INVALID),
    staff("version_try", FORMATS, on="profile_draft"),
    staff("version_test", FORMATS, on="profile_draft", methods=("POST",)),
    staff("version_compare", FORMATS, on="profile_draft"),
    staff("version_drift", FORMATS, on="profile_draft"),
    staff("version_activate", FORMATS, on="profile_tested", methods=BOTH),
    staff("version_retire", FORMATS, on="profile_draft", methods=("POST",)),
    staff("expected_list", SEEN),
    *file_rows(group, "group_bill_file", "group_prepared_import", ()),
    *file_rows(member, "bill_file", "prepared_import", ("see_use_detail",)),
)
