"""What is said to a provider when an order is sent (R-19).

Names of holders never travel in the message: it carries a link that expires.
"""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from orders.models import Dispatch


def order_message(dispatch: Dispatch, token: str) -> EmailMessage:
    """The message to the provider: order number, count, and the link to the sheet."""
    order = dispatch.order
    link = settings.BASE_URL + reverse("orders:sheet_download", args=[token])
    body = render_to_string(
        "emails/orders/order_sent.txt", {"order": order, "dispatch": dispatch, "link": link}
    )
    return EmailMessage(
        subject=_("Commande %(number)s, contrat %(contract)s")
        % {"number": order.number, "contract": order.rank.number},
        body=body,
        to=[dispatch.recipient],
        headers={"Message-ID": dispatch.message_id},
    )
