"""The demonstration's own page: codes of the second factor, and every mail (D-55)."""

import time
from pathlib import Path

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from members.outbox import kept_mails, read_mail
from members.queries.people import demonstration_accounts

PERIOD = 30  # seconds


@login_not_required
@require_safe
def demonstration(request: HttpRequest) -> HttpResponse:
    """The current codes and the mails; the page does not exist outside the demonstration."""
    _require_demonstration()
    accounts = demonstration_accounts()
    factors = Authenticator.objects.filter(type=Authenticator.Type.TOTP, user__in=accounts)
    codes = {factor.user_id: code_of(factor) for factor in factors if "secret" in factor.data}
    context = {
        "accounts": [
            {"account": account, "code": codes.get(account.pk, "")} for account in accounts
        ],
        "seconds": PERIOD - int(time.time()) % PERIOD,
        "mails": kept_mails(Path(settings.EMAIL_FILE_PATH)),
    }
    return render(request, "members/demonstration.html", context)


@login_not_required
@require_safe
def demonstration_mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail as it was sent."""
    _require_demonstration()
    path = Path(settings.EMAIL_FILE_PATH) / name
    if path.parent != Path(settings.EMAIL_FILE_PATH) or not path.is_file():
        raise Http404
    return render(request, "members/demonstration_mail.html", {"mail": read_mail(path)})


def code_of(factor: Authenticator) -> str:
    """The six digits of this half minute."""
    code: str = format_hotp_value(
        hotp_value(decrypt(factor.data["secret"]), int(time.time()) // PERIOD)
    )
    return code


def _require_demonstration() -> None:
    if not settings.DEMONSTRATION:
        raise Http404
