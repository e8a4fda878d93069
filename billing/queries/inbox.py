"""What the bills await of each: verify, pay, settle billed lines, decide on proposals, files."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Window,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.kinds import (
    NOT_SHOWN_YET,
    Awaited,
    GapState,
    ImportState,
    InvoiceState,
    ProposalState,
    ReleaseKind,
)
from billing.models import Gap, Import, Invoice, LineProposal, Release
from billing.queries.expected import refused_still
from billing.queries.invoices import at_stake, left_to_pay, paid_so_far
from billing.queries.payments import PAYABLE
from members.models import User
from members.permissions import visible
from members.roles import May
from portal.clock import today
from portal.inbox import InboxItem
from portal.search import is_nothing
from portal.templatetags.portal import money

SOON = timedelta(days=7)
ALONE = 4
"""Invoices of a member that each have their line; more stand in one."""
_MOST = 200


def bill_items(user: User) -> list[InboxItem]:
    """Everything that awaits ``user`` about bills."""
    mine = visible(user, May.VERIFY_INVOICES, Invoice.objects.filter(current__isnull=False))
    verifying = (_to_verify, _holds_ended, _rests) if not is_nothing(mine) else ()
    return [
        *(item for items in verifying for item in items(mine)),
        *_to_pay(user),
        *_gaps(user),
        *_proposals(user),
        *_files(user),
    ]


def _to_verify(mine: QuerySet[Invoice]) -> Iterator[InboxItem]:
    """Invoices to verify, and those verified that nobody released while they fall due.

    One that is held has its own reminder, at the end of the hold.
    """
    soon = today() + SOON
    falling_due = Q(state=InvoiceState.VERIFIED, current__due_on__lte=soon, held_until=None)
    rows = mine.annotate(held_until=_latest("held_until"), stake=at_stake())
    counted = rows.filter(Q(state=InvoiceState.TO_VERIFY) | falling_due).annotate(
        at_stake=_alike(Sum("stake")),
        alike=_alike(Count("pk")),
        owed=_alike(Sum("current__due_amount")),
        since=_alike(Min("current__recorded_at")),
    )
    told = set()
    for invoice in _with_version(counted):
        member = invoice.branch.organisation
        if invoice.alike <= ALONE:
            yield _one_to_verify(invoice, member, soon)
        elif (member.pk, invoice.state) not in told:
            told.add((member.pk, invoice.state))
            yield _many_to_verify(invoice, member)


def _holds_ended(mine: QuerySet[Invoice]) -> Iterator[InboxItem]:
    """Held until a day that has come: to release, or to hold again."""
    ended = mine.annotate(held_until=_latest("held_until"))
    for invoice in _with_version(ended.filter(held_until__lte=today()))[:50]:
        member = invoice.branch.organisation
        yield InboxItem(
            title=_("Décider du paiement retenu de la facture %(account)s")
            % {"account": invoice.account},
            url=reverse("billing:invoice_detail", args=[member.slug, invoice.pk]),
            kind=_("Facture"),
            since=invoice.current.recorded_at,
            detail=_("La retenue finit le %(day)s : libérez le paiement, ou retenez-le encore.")
            % {"day": invoice.held_until.isoformat()},
            member=member.name,
            urgent=True,
        )


def _rests(mine: QuerySet[Invoice]) -> Iterator[InboxItem]:
    """Released in part: what was neither released nor paid, until a later bill carries it over."""
    carried = Invoice.objects.filter(
        account=OuterRef("account"),
        period__fully_gt=OuterRef("period"),
        current__previous_balance_amount__isnull=False,
    )
    parts = mine.annotate(kind=_latest("kind"), since=_latest("released_at")).filter(
        ~Exists(carried), kind=ReleaseKind.PART, state__in=PAYABLE
    )
    left = F("current__due_amount") - paid_so_far() - left_to_pay()
    for invoice in _with_version(parts.annotate(left=left))[:50]:
        member = invoice.branch.organisation
        yield InboxItem(
            title=_("Décider du reste de la facture %(account)s") % {"account": invoice.account},
            url=reverse("billing:invoice_detail", args=[member.slug, invoice.pk]),
            kind=_("Facture"),
            since=invoice.since,
            detail=_with_day(
                _("Reste à décider : %(amount)s") % {"amount": money(invoice.left)}, invoice
            ),
            member=member.name,
        )


def _latest(name: str) -> Subquery:
    """Of an invoice: what the last word on the payment of the version shown says."""
    said = Release.objects.filter(version=OuterRef("current")).order_by("-released_at", "-pk")
    return Subquery(said.values(name)[:1])


def _alike(expression: Aggregate) -> Window:
    """Of all of a member's invoices in one state, however many are read."""
    return Window(expression, partition_by=["branch__organisation", "state"])


def _one_to_verify(invoice: Any, member: Any, soon: Any) -> InboxItem:
    verified = invoice.state == InvoiceState.VERIFIED
    title = (
        _("Libérer la facture %(account)s") if verified else _("Vérifier la facture %(account)s")
    )
    return InboxItem(
        title=title % {"account": invoice.account},
        url=reverse("billing:invoice_detail", args=[member.slug, invoice.pk]),
        kind=_("Facture"),
        since=invoice.current.recorded_at,
        detail=_staked(_due(invoice), invoice.stake),
        member=member.name,
        urgent=bool(invoice.current.due_on and invoice.current.due_on <= soon),
    )


def _many_to_verify(first: Any, member: Any) -> InboxItem:
    """One line for all of a member's in one state; its count and sum are of them all."""
    title = (
        _("Factures à libérer : %(count)s")
        if first.state == InvoiceState.VERIFIED
        else _("Factures à vérifier : %(count)s")
    )
    return InboxItem(
        title=title % {"count": first.alike},
        url=f"{reverse('billing:invoice_list', args=[member.slug])}?etat={first.state}",
        kind=_("Factures"),
        since=first.since,
        detail=_staked(_owed(first.owed), first.at_stake),
        member=member.name,
        urgent=first.state == InvoiceState.VERIFIED,
    )


def _to_pay(user: User) -> Iterator[InboxItem]:
    """For the payer: what was released."""
    rows = Invoice.objects.filter(current__isnull=False, state=InvoiceState.RELEASED)
    mine = visible(user, May.RECORD_PAYMENT, rows)
    if is_nothing(mine):
        return
    soon = today() + SOON
    for invoice in _with_version(mine.annotate(to_pay_amount=left_to_pay()))[:50]:
        member = invoice.branch.organisation
        yield InboxItem(
            title=_("Payer la facture %(account)s") % {"account": invoice.account},
            url=reverse("billing:payment_detail", args=[member.slug, invoice.pk]),
            kind=_("Paiement"),
            since=invoice.current.recorded_at,
            detail=_with_day(
                _("À payer : %(amount)s") % {"amount": money(invoice.to_pay_amount)}, invoice
            ),
            member=member.name,
            urgent=bool(invoice.current.due_on and invoice.current.due_on <= soon),
        )


def _gaps(user: User) -> Iterator[InboxItem]:
    rows = Gap.objects.filter(state=GapState.OPEN, version__shown_by__isnull=False)
    mine = visible(user, May.MATCH_BILLED_LINES, rows)
    if is_nothing(mine):
        return
    for slug, name, count, since in _by_member(mine, "recorded_at"):
        yield InboxItem(
            title=_("Lignes facturées absentes du parc : %(count)s") % {"count": count},
            url=reverse("billing:gap_list", args=[slug]) + "?etat=open",
            kind=_("Écarts"),
            since=since,
            detail=_("À associer à une ligne, à expliquer ou à écarter."),
            member=name,
        )


def _proposals(user: User) -> Iterator[InboxItem]:
    rows = LineProposal.objects.filter(state=ProposalState.PROPOSED)
    mine = visible(user, May.KEEP_LINES, rows.exclude(bill_import__state__in=NOT_SHOWN_YET))
    if is_nothing(mine):
        return
    for slug, name, count, since in _by_member(mine, "bill_import__recorded_at"):
        yield InboxItem(
            title=_("Propositions des inventaires : %(count)s") % {"count": count},
            url=reverse("billing:proposal_list", args=[slug]) + "?etat=proposed",
            kind=_("Inventaire"),
            since=since,
            detail=_("Des lignes à ouvrir, à modifier ou à fermer."),
            member=name,
        )


def _files(user: User) -> Iterator[InboxItem]:
    """For who sends a member's files: those that wait for a decision, those to be replaced."""
    mine = visible(user, May.IMPORT_BILLS, Import.objects.filter(branch__isnull=False))
    if is_nothing(mine):
        return
    mine = mine.filter(awaiting_decision() | Q(pk__in=refused_still().values("pk")))
    names = ("branch__organisation__slug", "branch__organisation__name", "state")
    counted = mine.order_by().values_list(*names)
    for slug, member, state, count, file, name, since in counted.annotate(
        n=Count("bill_file", distinct=True),
        file=Min("bill_file"),
        name=Min("bill_file__name"),
        since=Min(Coalesce("finished_at", "recorded_at")),
    ).order_by("branch__organisation__name", "state"):
        refused, one = state == ImportState.REFUSED, count == 1
        listed = f"{reverse('billing:bill_file_list', args=[slug])}?etat={state}"
        yield InboxItem(
            title=_files_told(refused, name if one else "", count),
            url=reverse("billing:bill_file_detail", args=[slug, file]) if one else listed,
            kind=_("Fichier"),
            since=since,
            detail=_("Lisez le motif, puis déposez un fichier corrigé, ou dites que c'est réglé.")
            if refused
            else _("Rien n'est publié avant votre décision."),
            member=member,
        )


def _files_told(refused: bool, name: str, count: int) -> str:
    """« Confirmer le fichier x.csv », « Fichiers refusés : 2 »."""
    if name:
        told = _("Fichier refusé : %(name)s") if refused else _("Confirmer le fichier %(name)s")
        return told % {"name": name}
    told = _("Fichiers refusés : %(count)s") if refused else _("Fichiers à confirmer : %(count)s")
    return told % {"count": count}


def awaiting_decision() -> Q:
    """Of an import: it waits for a person, who has not spoken; not for charges alone."""
    return Q(state=ImportState.PREPARED) & ~Q(awaits=[]) & ~Q(awaits=[Awaited.CHARGES])


def _with_version(rows: Any) -> Any:
    return rows.select_related("branch__organisation", "account__provider", "current").order_by(
        "current__due_on", "pk"
    )[:_MOST]


def _by_member(rows: Any, since: str) -> Any:
    """Slug, name, count and the oldest, member by member."""
    names = ("branch__organisation__slug", "branch__organisation__name")
    found = rows.order_by().values_list(*names).annotate(n=Count("pk"), since=Min(since))
    return found.order_by("branch__organisation__name")


def _due(invoice: Any) -> str:
    return _with_day(_owed(invoice.current.due_amount), invoice)


def _with_day(told: str, invoice: Any) -> str:
    """An amount, and when it falls due where that is known."""
    if invoice.current.due_on is None:
        return told
    return _("%(told)s, échéance le %(day)s") % {
        "told": told,
        "day": invoice.current.due_on.isoformat(),
    }


def _owed(amount: Decimal) -> str:
    return _("Montant dû : %(amount)s") % {"amount": money(amount)}


def _staked(told: str, amount: Decimal | None) -> str:
    """With what the findings put at stake, where one has an amount."""
    if amount is None:
        return told
    return _("%(told)s ; en jeu : %(amount)s") % {"told": told, "amount": money(amount)}
