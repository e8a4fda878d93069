"""The rows of the members' pages, of one's own account and of ITQ's pages over members."""

from typing import Any

from tests.matrix.expected import Kind, Row

BOTH = ("GET", "POST")
POST = ("POST",)
SEE = ("see_member",)
INVALID = 422
"""What an empty form answers to whoever may send it; the act itself has its row in ``acts.py``."""


def page(name: str, *see: str, **asked: Any) -> Row:
    """A member's page without an object; 403 for whoever may on none of its branches."""
    return Row(f"members:{name}", Kind.MEMBER, see=see, **asked)


def form(name: str, *may: str, **asked: Any) -> Row:
    """A page that shows a form and takes it."""
    return page(name, *may, methods=BOTH, done=INVALID, **asked)


def one(name: str, on: str, *may: str, see: tuple[str, ...] = SEE, **asked: Any) -> Row:
    """A form over one object: seen first, then asked."""
    options = {"methods": BOTH, "done": INVALID, **asked}
    return Row(f"members:{name}", Kind.MEMBER, on=on, see=see, get=may, post=may, **options)


def pressed(name: str, on: str, *may: str, see: tuple[str, ...] = SEE, **asked: Any) -> Row:
    """A button over one object."""
    return Row(f"members:{name}", Kind.MEMBER, on=on, see=see, post=may, methods=POST, **asked)


def staff(name: str, *may: str, **asked: Any) -> Row:
    """A page of ITQ's."""
    return Row(f"members:{name}", Kind.STAFF, see=may, **asked)


def staff_form(name: str, *may: str, **asked: Any) -> Row:
    return staff(name, *may, **{"methods": BOTH, "done": INVALID, **asked})


INTRL = ("send_to_itq",)
WRITE = ("send_to_itq", "send_to_itq_if_authorised")
REGISTER = ("keep_accesses", "keep_own_access")
HIDDEN_ACCESS = (
    *("rcell of A", "rcell of B", "rcell of A2", "rcell of A and B"),
    "manda of A and rcell of B",
)
"""RCELL keeps own accesses only, and these are other people's (R-06)."""

EXPLAIN = ("designate", "read_all_journal")
HOLDERS = (("intrl of B", "B"), ("intrl of A1 and factu of B", "A1"))
"""Who holds the role hands it over (R-01)."""

_PEOPLE = (
    page("member_home"),
    page("respondent_list", "see_member"),
    page("respondent_designate", "designate", "name_reader", methods=BOTH, done=INVALID),
    Row(
        "members:respondent_detail",
        Kind.MEMBER,
        on="respondent",
        also=("dero", "interlocutor"),
        see=SEE,
    ),
    Row("members:respondent_act", Kind.MEMBER, on="respondent", see=SEE, shown=404),
    one("respondent_end", "respondent", "designate"),
    one("respondent_retract", "respondent", "designate"),
    one("respondent_hand_over", "interlocutor", "designate_intrl", own=HOLDERS),
    pressed("respondent_confirm", "dero", "confirm_designation"),
    one("respondent_attest", "respondent", "attest_identity"),
    one("respondent_invite", "respondent", "designate"),
    one("factor_reset", "respondent", "attest_identity", shown=404, done=404),
    page("invitation_list", "designate"),
    one("invitation_revoke", "invitation", "designate", see=("designate",)),
    Row("members:person_access", Kind.MEMBER, on="person", first=EXPLAIN, see=SEE),
)
_PAPERS = (
    page("membership_list", "see_member"),
    form("membership_file", "file_membership", scope="root"),
    one("authorisation_file", "membership", "file_membership", rooted=True),
    Row(
        "members:membership_document",
        Kind.MEMBER,
        on="membership",
        see=SEE,
        rooted=True,
        shown=404,
    ),
    page("account_list", "see_member"),
    form("account_ask", "record_account"),
    form("account_record", "record_account"),
    form("manager_name", "record_account"),
    one("account_close", "account", "record_account"),
    page("access_list", *REGISTER),
    form("access_record", *REGISTER),
    Row("members:access_detail", Kind.MEMBER, on="access", see=REGISTER, unseen=HIDDEN_ACCESS),
    one("access_grant", "access", see=REGISTER, unseen=HIDDEN_ACCESS),
    one("access_revoke", "access", see=REGISTER, unseen=HIDDEN_ACCESS),
    one("access_keep", "access", "keep_accesses", see=REGISTER, unseen=HIDDEN_ACCESS),
    page("cost_centre_list", "see_member"),
    form("cost_centre_add", "keep_cost_centres"),
    one("cost_centre_rename", "cost_centre", "keep_cost_centres"),
    pressed("cost_centre_retire", "cost_centre", "keep_cost_centres"),
    pressed("cost_centre_restore", "cost_centre", "keep_cost_centres"),
    page("member_journal", "read_journal"),
)
_MESSAGES = (
    page("message_list", *WRITE),
    form("message_write", "send_to_itq"),
    one("message_detail", "answer", see=INTRL, done=200),
    pressed("message_handle", "answer", "send_to_itq", see=INTRL),
    pressed("message_seen", "answer", "send_to_itq", see=INTRL),
    one("writer_authorise", "respondent", "send_to_itq", first=INTRL, see=INTRL, done=302),
    pressed("writer_end", "authorisation", "send_to_itq", first=INTRL, see=INTRL),
)
_OWN = (
    Row("members:my_account", Kind.PERSON),
    Row("members:my_name", Kind.PERSON, methods=BOTH, done=INVALID),
    Row("members:role_table", Kind.PERSON),
    Row("members:access_explain", Kind.PERSON, on="respondent", see=SEE),
    Row(
        "members:invitation_accept",
        Kind.PUBLIC,
        methods=BOTH,
        shown=404,
        done=404,
        anonymous={"GET": 404, "POST": 404},
    ),
    Row("members:demonstration", Kind.PUBLIC, shown=404, anonymous={"GET": 404, "POST": 405}),
    Row("members:demonstration_mail", Kind.PUBLIC, shown=404, anonymous={"GET": 404, "POST": 405}),
)
_STAFF = (
    staff("staff_organisation_list", "open_console"),
    staff_form("staff_organisation_create", "manage_members"),
    staff_form("staff_organisation_detail", "manage_members"),
    staff_form("staff_subdivision_add", "manage_members"),
    staff_form("staff_interlocutor_designate", "designate_intrl"),
    staff("staff_membership_list", "confirm_membership"),
    staff("membership_confirm", "confirm_membership", on="membership", rooted=True, methods=POST),
    staff(
        "authorisation_confirm", "confirm_membership", on="membership", rooted=True, methods=POST
    ),
    staff_form("authorisation_waive", "confirm_membership", on="membership", rooted=True),
    staff("staff_account_list", "confirm_account"),
    staff("account_confirm", "confirm_account", on="account", methods=POST),
    staff("staff_message_list", "answer_members"),
    staff_form("staff_message_write", "answer_members"),
    staff_form("staff_message_detail", "answer_members", on="message", done=200),
    staff("staff_message_handle", "answer_members", on="message", methods=POST),
    staff("staff_journal", "read_all_journal"),
    staff("staff_list", "appoint_staff"),
    staff_form("staff_appoint", "appoint_staff"),
    staff("staff_end", "appoint_staff", on="appointment", methods=POST),
    staff_form("factor_reset_list", "attest_interlocutor"),
    staff("factor_reset_complete", "attest_interlocutor", on="reset", methods=POST),
    staff_form("dead_letter_list", "replay_tasks"),
)
MEMBER_ROWS = (*_PEOPLE, *_PAPERS, *_MESSAGES, *_OWN, *_STAFF)
MEMBER_KEYS: dict[str, dict[str, Any]] = {
    "members:factor_reset": {"account": 987_654_321},
    "members:membership_document": {"which": "absent"},
    "members:access_explain": {"kind": "respondent"},
    "members:invitation_accept": {"token": "absent"},
    "members:demonstration_mail": {"name": "absent"},
    **{
        f"members:{name}": {"member": "m-a"}
        for name in (
            "staff_organisation_detail",
            "staff_subdivision_add",
            "staff_interlocutor_designate",
        )
    },
}
