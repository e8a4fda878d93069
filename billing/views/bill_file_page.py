"""What the pages of providers' files share: addresses, the list, progress, an import's section."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.files import receive_bill_file
from billing.forms.bill_files import BillFileFilters
from billing.kinds import Awaited, ImportState, ImportStep
from billing.models import BillFile, Import, Invoice
from billing.queries.bill_files import typed_in_place
from members.models import Branch, Organisation, Provider
from members.requests import SignedInRequest
from portal.clock import database_clock, last_day
from portal.lists import Column, ListDefinition
from portal.templatetags.portal import instant, money

TONES: dict[str, str] = {
    ImportState.RECEIVED: "info",
    ImportState.READING: "info",
    ImportState.PREPARED: "warning",
    ImportState.PUBLISHED: "success",
    ImportState.REFUSED: "danger",
    ImportState.SUPERSEDED: "",
    ImportState.UNCHANGED: "",
}
UNDER_WAY = (ImportState.RECEIVED, ImportState.READING)
OPEN = (*UNDER_WAY, ImportState.PREPARED)
FOLLOWED, WATCHED = "2s", "30s"
ACCOUNTS_SHOWN = 20
"""Accounts without charges that a page names; the others are counted."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pages are: under a member's name, or ITQ's own."""

    organisation: Organisation | None = None

    def url(self, name: str, *keys: object) -> str:
        """The address of a page, member's or ITQ's."""
        if self.organisation is None:
            return reverse(f"billing:staff_{name}", args=keys)
        return reverse(f"billing:{name}", args=[self.organisation.slug, *keys])


def latest_imports(bill_file: BillFile) -> list[Import]:
    """The last import of each part of a file, in the order of their reading."""
    latest = {one.part: one for one in bill_file.imports.all()}
    return sorted(latest.values(), key=lambda one: one.pk)


def _states(bill_file: BillFile) -> str:
    """« Frais : publié, Utilisation : lecture en cours »."""
    return ", ".join(
        f"{one.get_part_display()} : {shown_state(one)[0]}" for one in latest_imports(bill_file)
    )


def shown_state(bill_import: Import) -> tuple[str, str]:
    """Its state in words and its colour; what asks nothing of anybody is told so."""
    if is_settled(bill_import):
        return _("Refusé, réglé"), ""
    if awaits_charges(bill_import):
        return _("Lu, attend les frais"), "info"
    if is_shown_in_part(bill_import):
        return _("Publié, attend des frais"), "info"
    return bill_import.get_state_display(), TONES[bill_import.state]


def is_settled(bill_import: Import) -> bool:
    """Whether a person said, after its refusal, that nothing more is to be done."""
    if bill_import.state != ImportState.REFUSED or bill_import.confirmed_at is None:
        return False
    return bill_import.confirmed_at > (bill_import.finished_at or bill_import.recorded_at)


def _owner(bill_file: BillFile) -> str:
    """Whose bills they are."""
    return str(bill_file.branch) if bill_file.branch else _("Tout le regroupement")


BILL_FILE_LIST = ListDefinition(
    name="fichiers",
    columns=(
        Column("fichier", gettext_lazy("Fichier"), lambda f: f.name, ("name",)),
        Column("prestataire", gettext_lazy("Prestataire"), lambda f: str(f.provider)),
        Column("factures", gettext_lazy("Factures de"), _owner, ("branch",)),
        Column("depose", gettext_lazy("Déposé"), lambda f: f.sent_at, ("sent_at",)),
        Column("etat", gettext_lazy("État"), _states),
    ),
    search=("name",),
    filters=BillFileFilters,
    default_sort="-depose",
)


def list_rows(place: Place, files: Any) -> list[dict[str, Any]]:
    """The rows of the list: each file, its owner, its address and the state of each part."""
    return [
        {
            "file": one,
            "owner": _owner(one),
            "url": place.url("bill_file_detail", one.pk),
            "imports": [(each, *shown_state(each)) for each in latest_imports(one)],
        }
        for one in files
    ]


def receive_all(
    request: SignedInRequest,
    files: list[UploadedFile],
    *,
    provider: Provider,
    branch: Branch | None,
) -> tuple[list[BillFile], list[str]]:
    """Each file received on its own: one that is refused keeps none of the others out."""
    received, refused = [], []
    for upload in files:
        try:
            received.append(
                receive_bill_file(upload=upload, provider=provider, branch=branch, by=request.user)
            )
        except ValidationError as error:
            refused += [f"{upload.name} : {sentence}" for sentence in error.messages]
    return received, refused


def pace_of(bill_file: BillFile) -> str:
    """How often the page looks again, while something may change by itself; "" when nothing may."""
    imports = bill_file.imports.all()
    if any(one.state in UNDER_WAY or is_being_shown(one) for one in imports):
        return FOLLOWED
    late = any(awaits_charges(one) or is_shown_in_part(one) for one in imports)
    return WATCHED if late else ""


def awaits_charges(bill_import: Import) -> bool:
    """Whether it is shown by itself once the charges of its period are, which may take days."""
    return bill_import.state == ImportState.PREPARED and bill_import.awaits == [Awaited.CHARGES]


def is_shown_in_part(bill_import: Import) -> bool:
    """Whether accounts of a use that is shown still have no charges, which may take days."""
    return bill_import.state == ImportState.PUBLISHED and bool(bill_import.awaits)


def is_being_shown(bill_import: Import) -> bool:
    """Whether a person said yes, and the worker is to show it."""
    return bill_import.state == ImportState.PREPARED and not bill_import.awaits


def import_sections(place: Place, bill_file: BillFile) -> list[dict[str, Any]]:
    """What the page says of each part of a file."""
    now = database_clock()
    return [_section(place, one, now) for one in latest_imports(bill_file)]


def _section(place: Place, bill_import: Import, now: datetime) -> dict[str, Any]:
    state = bill_import.state
    label, tone = shown_state(bill_import)
    return {
        "one": bill_import,
        "key": str(bill_import.pk),
        "label": label,
        "tone": tone,
        "progress": _progress(bill_import, now) if state in UNDER_WAY else None,
        "is_prepared": state == ImportState.PREPARED and bool(bill_import.awaits),
        "is_being_shown": is_being_shown(bill_import),
        "is_decided_here": not awaits_charges(bill_import),
        "is_refused": state == ImportState.REFUSED,
        "is_unchanged": state == ImportState.UNCHANGED,
        "is_published": state == ImportState.PUBLISHED,
        "refusals": bill_import.refusal.splitlines(),
        "awaits": _awaited(bill_import),
        "without_charges": _without_charges(bill_import),
        "confirm_url": place.url("import_confirm", bill_import.pk),
        "refuse_url": place.url("import_refuse", bill_import.pk),
        "facts": _facts(bill_import),
        "differences": _differences(bill_import.differences),
        **_difference_headings(bill_import),
        "totals": _totals(bill_import.totals),
        "totals_caption": _("Totaux de contrôle – %s") % bill_import.get_part_display(),
        "total_columns": [
            {"label": _("Mesure")},
            {"label": _("Ce fichier"), "numeric": True},
            {"label": _("Cycle précédent"), "numeric": True},
        ],
    }


def _awaited(bill_import: Import) -> list[str]:
    """Why it waits for a person, in French."""
    return [str(Awaited(code).label) for code in bill_import.awaits]


def _without_charges(bill_import: Import) -> list[str]:
    """Each account that has no charges for the use of a file, and what comes of it."""
    numbers = bill_import.totals.get("without_charges", [])
    if not numbers or bill_import.state not in (ImportState.PREPARED, ImportState.PUBLISHED):
        return []
    typed = typed_in_place(bill_import) if bill_import.period else {}
    ordered = sorted(numbers, key=lambda number: (number not in typed, number))
    told = [_one_without(number, typed.get(number)) for number in ordered[:ACCOUNTS_SHOWN]]
    if len(numbers) > ACCOUNTS_SHOWN:
        told.append(_("Autres comptes : %(count)s") % {"count": len(numbers) - ACCOUNTS_SHOWN})
    return told


def _one_without(number: str, typed: Invoice | None) -> str:
    if typed is None:
        return _(
            "Compte %(account)s : ses frais ne sont pas publiés. Son utilisation le sera "
            "d'elle-même dès qu'ils le seront."
        ) % {"account": number}
    return _(
        "Compte %(account)s : sa facture du %(first)s au %(last)s est saisie, sans détail : aucune "
        "utilisation ne s'y attache. Déposez le fichier de ses frais : dès qu'il est publié, "
        "l'utilisation suit d'elle-même."
    ) % {"account": number, "first": typed.period.lower, "last": last_day(typed.period.upper)}


def _facts(bill_import: Import) -> list[tuple[str, object]]:
    """What was read of a part, once it is, and when."""
    period = bill_import.period
    counted: list[tuple[str, object]] = [
        (_("Lignes lues"), whole(bill_import.row_count)),
        (_("Lignes rejetées"), whole(bill_import.rejected_count)),
        (_("Lignes en quarantaine"), whole(bill_import.quarantined_count)),
    ]
    facts: list[tuple[str, object]] = [
        (_("Période"), f"{period.lower} au {last_day(period.upper)}" if period else ""),
        *(counted if bill_import.state not in UNDER_WAY else ()),
        (_("Reçu"), instant(bill_import.recorded_at)),
        (_("Terminé"), instant(bill_import.finished_at)),
    ]
    if bill_import.confirmed_by:
        person = bill_import.confirmed_by.person or bill_import.confirmed_by
        told = _("Réglé par") if is_settled(bill_import) else _("Décidé par")
        facts.append((told, f"{person}"))
    return facts


def _progress(bill_import: Import, now: datetime) -> dict[str, Any]:
    """Where the worker is: rows, rate, time left."""
    done, expected = bill_import.rows_done, bill_import.rows_expected
    seconds = (now - bill_import.started_at).total_seconds() if bill_import.started_at else 0.0
    rate = done / seconds if seconds > 0 else 0.0
    left = (expected - done) / rate if expected and rate and expected > done else None
    step = ImportStep(bill_import.step).label if bill_import.step else _("En attente de lecture")
    return {
        "step": step,
        "value": min(done, expected) if expected else 0,
        "max": expected or 0,
        "text": _progress_text(done, expected, rate, left),
    }


def _progress_text(done: int, expected: int | None, rate: float, left: float | None) -> str:
    """« 45 000 lignes sur 90 000 · 30 000 lignes par seconde · encore 2 s »."""
    if not done:
        return ""
    told = _("%(done)s lignes") % {"done": whole(done)}
    if expected:
        told = _("%(done)s lignes sur %(expected)s") % {
            "done": whole(done),
            "expected": whole(expected),
        }
    parts = [told]
    if rate:
        parts.append(_("%(rate)s lignes par seconde") % {"rate": whole(round(rate))})
    if left is not None:
        parts.append(_("encore %(left)s") % {"left": _duration(left)})
    return " · ".join(parts)


def _duration(seconds: float) -> str:
    """« 40 s », « 3 min »."""
    if seconds < 90:
        return _("%(count)s s") % {"count": max(1, round(seconds))}
    return _("%(count)s min") % {"count": round(seconds / 60)}


def whole(number: int) -> str:
    """« 45 000 »."""
    return f"{number:,}".replace(",", "\u00a0")


def _differences(told: dict[str, Any]) -> list[list[str]]:
    """What a correction changes: the invoice and total, as it is, as it will be."""
    return [[place, *map(str, values)] for place, values in sorted(told.items())]


def _difference_headings(bill_import: Import) -> dict[str, Any]:
    """Over what is compared: what is shown now, the cycle before, or rows of both kinds."""
    caption, what = _("Ce que ce fichier change"), _("Facture")
    before, after = _("Maintenant"), _("Avec ce fichier")
    if Awaited.DIFFERENCES not in bill_import.awaits:
        caption, what = _("Ce fichier et le cycle précédent"), _("Mesure")
        before, after = _("Cycle précédent"), _("Ce fichier")
    elif Awaited.ROW_RATIO in bill_import.awaits:
        what, before = _("Facture ou mesure"), _("Avant")
    columns = [{"label": what}, *({"label": one, "numeric": True} for one in (before, after))]
    caption = f"{caption} – {bill_import.get_part_display()}"
    return {"difference_caption": caption, "difference_columns": columns}


def _totals(told: dict[str, Any]) -> list[list[str]]:
    """Counts and sums of the file beside those of the last cycle (D-42)."""
    rows = []
    if "rows" in told:
        rows.append([_("Lignes"), *(_count(told.get(name)) for name in ("rows", "last_rows"))])
    if "amount" in told:
        sums = (_sum(told.get(name)) for name in ("amount", "last_amount"))
        rows.append([_("Montant"), *sums])
    if "duplicates" in told:
        rows.append([_("Lignes identiques à une autre"), _count(told["duplicates"]), "–"])
    return rows


def _count(value: Any) -> str:
    return whole(value) if isinstance(value, int) else "–"


def _sum(value: Any) -> str:
    return money(Decimal(value)) if value is not None else "–"
