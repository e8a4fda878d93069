"""What is typed to open an invited account, and the filters of the journal."""

from typing import Any

import django_filters
from django import forms
from django.contrib.auth.password_validation import (
    password_validators_help_text_html,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Invitation, User
from portal.audit import EVENTS
from portal.clock import midnight
from portal.models import AuditEvent


class AcceptForm(forms.Form):
    """A password, twice; the e-mail is the invitation's (F-05)."""

    password = forms.CharField(
        label=gettext_lazy("Mot de passe"),
        strip=False,
        help_text=password_validators_help_text_html(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("Le même, une seconde fois"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = User(email=invitation.email, person=invitation.person)

    def clean_password(self) -> str:
        """Long enough, not common, not the e-mail."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        """Both are the same."""
        cleaned = super().clean() or {}
        password, again = cleaned.get("password"), cleaned.pop("again", None)
        if password and again and password != again:
            self.add_error(
                "again", ValidationError(_("Les deux mots de passe diffèrent : recommencez."))
            )
        return cleaned


class JournalFilters(django_filters.FilterSet):
    """The act and the days."""

    acte = django_filters.ChoiceFilter(
        field_name="code", label=gettext_lazy("Acte"), choices=(), empty_label=gettext_lazy("Tous")
    )
    depuis = django_filters.DateFilter(
        label=gettext_lazy("Depuis le"),
        method="since",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    jusqu_au = django_filters.DateFilter(
        label=gettext_lazy("Avant le"),
        method="until",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        acts = sorted((str(event.label), code) for code, event in EVENTS.items())
        self.filters["acte"].extra["choices"] = [(code, label) for label, code in acts]

    def since(self, rows: QuerySet[AuditEvent], _name: str, day: Any) -> QuerySet[AuditEvent]:
        """From the start of that day."""
        return rows.filter(recorded_at__gte=midnight(day))

    def until(self, rows: QuerySet[AuditEvent], _name: str, day: Any) -> QuerySet[AuditEvent]:
        """Up to the start of that day."""
        return rows.filter(recorded_at__lt=midnight(day))
