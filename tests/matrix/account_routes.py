"""The rows of sign-in and of the account's own pages, most of them allauth's."""

from typing import Any

from tests.matrix.expected import Kind, Row

BOTH = ("GET", "POST")
TO_LOGIN = {"GET": 302, "POST": 302}
OPEN = {"GET": 200, "POST": 200}
READ = {"GET": 200, "POST": 405}

_DOORS = (
    # Signing in: whoever is signed in is sent home.
    Row("account_login", Kind.PUBLIC, methods=BOTH, shown=302, anonymous=OPEN),
    Row("account_signup", Kind.PUBLIC, methods=BOTH, shown=302, anonymous=OPEN),
    Row("account_confirm_login_code", Kind.PUBLIC, methods=BOTH, shown=302, anonymous=TO_LOGIN),
    Row("mfa_authenticate", Kind.PUBLIC, methods=BOTH, shown=302, anonymous=TO_LOGIN),
    Row("mfa_login_webauthn", Kind.PUBLIC, methods=BOTH, shown=302, anonymous=TO_LOGIN),
    Row("account_logout", Kind.PUBLIC, methods=BOTH, anonymous=TO_LOGIN),
    # A lost password, an e-mail to confirm: a wrong key says so and does nothing.
    Row("account_reset_password", Kind.PUBLIC, methods=BOTH, done=200, anonymous=OPEN),
    Row("account_reset_password_done", Kind.PUBLIC, anonymous=READ),
    Row("account_reset_password_from_key", Kind.PUBLIC, methods=BOTH, done=200, anonymous=OPEN),
    Row("account_reset_password_from_key_done", Kind.PUBLIC, anonymous=READ),
    Row(
        "account_confirm_email",
        Kind.PUBLIC,
        methods=BOTH,
        done=404,
        anonymous={"GET": 200, "POST": 404},
    ),
    Row("account_email_verification_sent", Kind.PUBLIC, anonymous=READ),
    Row("account_inactive", Kind.PUBLIC, anonymous=READ),
)
_OWN_ACCOUNT = (
    Row("account_reauthenticate", Kind.PERSON, methods=BOTH, done=200),
    Row("account_email", Kind.PERSON, methods=BOTH),
    Row("account_change_password", Kind.PERSON, methods=BOTH, done=200),
    Row("account_set_password", Kind.PERSON, methods=BOTH, shown=302),
    Row("mfa_index", Kind.PERSON),
    Row("mfa_list_webauthn", Kind.PERSON),
    Row("mfa_reauthenticate", Kind.PERSON, methods=BOTH, done=200, without_factor=TO_LOGIN),
    Row("mfa_reauthenticate_webauthn", Kind.PERSON, methods=BOTH, shown=302),
    # Every change of a factor asks for the password again, then for a factor that exists.
    Row("mfa_activate_totp", Kind.PERSON, methods=BOTH, shown=302),
    Row(
        "mfa_deactivate_totp",
        Kind.PERSON,
        methods=BOTH,
        shown=302,
        without_factor={"GET": 404, "POST": 404},
    ),
    Row("mfa_view_recovery_codes", Kind.PERSON, shown=404),
    Row("mfa_download_recovery_codes", Kind.PERSON, methods=BOTH, shown=404, done=404),
    Row("mfa_generate_recovery_codes", Kind.PERSON, methods=BOTH, shown=302),
    Row("mfa_add_webauthn", Kind.PERSON, methods=BOTH, shown=302),
    Row("mfa_remove_webauthn", Kind.PERSON, methods=BOTH, shown=302),
    Row("mfa_edit_webauthn", Kind.PERSON, methods=BOTH, shown=302),
)
ACCOUNT_ROWS: tuple[Row, ...] = (*_DOORS, *_OWN_ACCOUNT)

ABSENT: dict[str, Any] = {
    "key": "absent",
    "uidb36": "1",
    "pk": 987_654_321,
}
"""Parameters that name nothing of ours."""
ACCOUNT_KEYS = {row.name: ABSENT for row in ACCOUNT_ROWS}
