"""``manage.py create_administrator EMAIL``: SYSTEM opens ITQ's first administrator (D-05)."""

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from members.actions.staff import open_staff_account
from members.roles import StaffRole
from portal.audit import SYSTEM


class Command(BaseCommand):
    """Print the single-use link by which the administrator chooses a password."""

    help = "Ouvre le compte d'un administrateur d'ITQ et affiche le lien de son mot de passe."

    def add_arguments(self, parser: CommandParser) -> None:
        """The e-mail, and the name of the person."""
        parser.add_argument("email")
        parser.add_argument("--prenom", default="Administration")
        parser.add_argument("--nom", default="ITQ")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open the account, or say why it could not be opened."""
        try:
            user = open_staff_account(
                email=options["email"],
                given_name=options["prenom"],
                family_name=options["nom"],
                role=StaffRole.ADMIN,
                by=SYSTEM,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
        uid, _separator, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        self.stdout.write(f"Compte ouvert. Choisissez le mot de passe : {settings.BASE_URL}{path}")
