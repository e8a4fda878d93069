"""Reads over requests: those of a member, what one holds, what it lacks, who can sign it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from catalogue.models import Offer
from derogations.amounts import Commitment
from derogations.completeness import Missing, RequestFacts, missing
from derogations.eligibility import eligible_signers, outlook_of
from derogations.freezing import Terms, field_names
from derogations.grants import SigningGrant
from derogations.kinds import AttachmentKind, DerogationOrigin, DerogationState
from derogations.models import (
    Attachment,
    CoverageTest,
    Derogation,
    FieldComment,
    Place,
    ProviderForm,
)
from derogations.queries.day_settings import DaySettings, day_settings
from derogations.queries.reexamination import open_of
from derogations.reading import PARTS_AS_FIELDS, label_of
from derogations.slots import places_left, unfilled
from members.models import Branch, DelegationPlan, Organisation, ProviderAccount, User
from members.permissions import visible
from members.powers import TaxBasis
from members.queries.delegations import StandingPower
from members.roles import May
from members.signing_steps import Step
from portal.clock import database_clock, today

EDITABLE_STATES = (DerogationState.DRAFT, DerogationState.RETURNED)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a page says before the submission: what is missing, the sum, who can sign.

    ``remarks`` are what E6 says of the lines of the plan that the request does not suit.
    """

    missing: list[Missing]
    terms: Terms
    powers: list[StandingPower]
    remarks: tuple[str, ...] = ()


def derogations_of(user: User, organisation: Organisation) -> QuerySet[Derogation]:
    """The derogations of a member that ``user`` may see, with what a row shows."""
    return derogations_seen(user).filter(branch__organisation=organisation)


def derogations_seen(user: User) -> QuerySet[Derogation]:
    """Every derogation that ``user`` may see, with what a row shows."""
    return (
        visible(user, May.SEE_DEROGATIONS, Derogation.objects.all())
        .select_related(
            *("branch__organisation", "contract", "provider", "offer", "requester"),
            *("version__pdf", "created_by__person", "last_editor", "beneficiary"),
        )
        .prefetch_related("heads")
        .annotate(
            awaits_signers=Exists(SigningGrant.objects.filter(content_object=OuterRef("pk"))),
            to_reexamine=Exists(open_of()),
            submitted_at=F("version__submitted_at"),
        )
    )


def with_proof(rows: QuerySet[Derogation]) -> QuerySet[Derogation]:
    """The same with places, tests and papers: what is frozen is read in four queries."""
    return rows.prefetch_related("heads", places_lookup(), papers_lookup())


def papers_lookup() -> Prefetch:
    """The papers that were not taken out, each with its file."""
    held = Attachment.objects.filter(removed_at__isnull=True)
    return Prefetch("attachments", held.select_related("file"))


def places_lookup() -> Prefetch:
    """The places with their tests."""
    tests = Prefetch("tests", CoverageTest.objects.select_related("provider"))
    return Prefetch("places", Place.objects.prefetch_related(tests))


def lacks_account() -> Q:
    """Signed, asked by need, and its member has no account at the provider, even asked (R-17)."""
    accounts = ProviderAccount.objects.filter(
        branch__organisation=OuterRef("branch__organisation"),
        provider=OuterRef("provider"),
        closed_on__isnull=True,
    )
    by_need = Q(state=DerogationState.SIGNED, origin=DerogationOrigin.REQUEST, offer__isnull=True)
    return by_need & ~Q(Exists(accounts))


def asking_branches(user: User, organisation: Organisation) -> QuerySet[Branch]:
    """The branches of a member for which ``user`` may ask (R-20)."""
    return visible(user, May.ASK_DEROGATION, Branch.objects.filter(organisation=organisation))


def branches_seen(user: User, organisation: Organisation) -> QuerySet[Branch]:
    """The branches of a member whose derogations ``user`` may see."""
    return visible(user, May.SEE_DEROGATIONS, Branch.objects.filter(organisation=organisation))


def terms_of(derogation: Derogation, day: DaySettings | None = None) -> Terms:
    """What a request commits on the plan's tax basis, and how many sign it (D-20, D-22)."""
    day = day or day_settings(derogation)
    commitment = after_tax_amount = None
    if derogation.wanted_on and derogation.ends_on:
        taxed = Commitment(
            quantity=derogation.quantity,
            one_off_amount=derogation.one_off_amount,
            monthly_amount=derogation.monthly_amount,
            wanted_on=derogation.wanted_on,
            ends_on=derogation.ends_on,
            tax_rates=day.tax_rates,
        )
        after_tax_amount = taxed.total_amount
        after = day.tax_basis == TaxBasis.AFTER_TAX
        commitment = taxed if after else replace(taxed, tax_rates=())
    steps = day.steps(commitment.total_amount if commitment else None)
    return Terms(commitment, day.tax_basis, None, steps, day.contract_number, after_tax_amount)


def terms_to_freeze(derogation: Derogation) -> Terms:
    """The same with the plan in force, which the frozen text names (signing.md §3.1)."""
    day = day_settings(derogation)
    plans = DelegationPlan.objects.select_related("act_file")
    plan = plans.get(pk=day.plan_id) if day.plan_id is not None else None
    return replace(terms_of(derogation, day), plan=plan)


def missing_in(derogation: Derogation, day: DaySettings | None = None) -> list[Missing]:
    """What a request still lacks, by the rules of the day (F-33, R-14)."""
    day = day or day_settings(derogation)
    kinds = [head.kind for head in derogation.heads.all()]
    names = field_names(kinds)
    places = list(derogation.places.all())
    papers = [paper for paper in derogation.attachments.all() if paper.removed_at is None]
    facts = RequestFacts(
        kinds=kinds,
        values={name: getattr(derogation, name) for name in names},
        places=len(places),
        tests=sum(len(place.tests.all()) for place in places),
        papers={paper.kind for paper in papers},
        rules=day.rules,
        forms_needed=len({form.kind for form in day.forms}),
        forms_joined=sum(paper.kind == AttachmentKind.PROVIDER_FORM for paper in papers),
        is_free=_is_free(derogation.offer),
    )
    labels = {name: label_of(name) for name in [*names, *PARTS_AS_FIELDS]}
    return missing(facts, labels)


def _is_free(offer: Offer | None) -> bool:
    """Whether an article is named and its list asks nothing for it."""
    return offer is not None and not (offer.one_off_amount or offer.monthly_amount)


def provider_forms(derogation: Derogation) -> QuerySet[ProviderForm]:
    """The provider's current forms for the request's kinds (R-14)."""
    kinds = [head.kind for head in derogation.heads.all()]
    rows = ProviderForm.objects.filter(provider=derogation.provider_id, kind__in=kinds)
    return rows.filter(valid__contains=today()).select_related("file").order_by("kind", "-pk")


def readiness_of(derogation: Derogation) -> Readiness:
    """What is missing, what it commits, and who can sign it now (E3 to E8)."""
    day = day_settings(derogation)
    terms = terms_of(derogation, day)
    outlook = outlook_of(derogation, terms.amounts, _instant(derogation))
    return Readiness(missing_in(derogation, day), terms, outlook.powers, outlook.remarks)


def signers_awaited(derogation: Derogation) -> list[StandingPower]:
    """Who can sign the version that awaits, now; nobody in another state."""
    if derogation.state != DerogationState.SUBMITTED or derogation.version is None:
        return []
    return eligible_signers(derogation, derogation.version, _instant(derogation))


def _instant(derogation: Derogation) -> datetime:
    """The database's clock, as the request's row was read with it; asked otherwise."""
    read_at: datetime | None = getattr(derogation, "read_at", None)
    return read_at or database_clock()


def posts_of(powers: list[StandingPower]) -> list[tuple[str, list[StandingPower]]]:
    """The powers by post, in the order of the plan; each person once a post."""
    posts: dict[str, dict[int, StandingPower]] = {}
    for power in powers:
        posts.setdefault(str(power.delegation), {}).setdefault(power.person.pk, power)
    return [(post, list(people.values())) for post, people in posts.items()]


def places_lacking(
    steps: Sequence[Step], powers: Iterable[StandingPower], given: int = 0
) -> list[str]:
    """The post of each signature still to give that nobody can, "" for any post (signing.md §2).

    ``powers`` are of those who did not sign; ``given`` are the signatures that were.
    """
    able = {(power.person.pk, power.delegation.post) for power in powers}
    return unfilled(places_left(steps, given), able)


def open_comments(derogation: Derogation) -> list[FieldComment]:
    """What a signer asked to complete, not yet answered (F-30); nothing before a submission."""
    if derogation.version_id is None:
        return []
    rows = derogation.comments.filter(resolved_at__isnull=True)
    return list(rows.select_related("written_by__person"))


def open_fields(derogation: Derogation, comments: list[FieldComment]) -> set[str] | None:
    """The fields that may change now; None for all of them (F-30)."""
    if derogation.state != DerogationState.RETURNED or not comments:
        return None
    return {comment.field for comment in comments}


def requests_submitted() -> QuerySet[Derogation]:
    """Every request whose version awaits its signers, for the sweeps (F-20)."""
    waiting = Derogation.objects.filter(
        state=DerogationState.SUBMITTED, version__pdf__isnull=False, version__voided_at=None
    )
    return waiting.select_related("version", "branch__organisation").prefetch_related("heads")


def derogations_to_expire() -> QuerySet[Derogation]:
    """Signed derogations whose last day is past (R-23)."""
    standing = (DerogationState.SIGNED, DerogationState.EXHAUSTED)
    return Derogation.objects.filter(state__in=standing, ends_on__lt=today())


def kinds_in_words(derogation: Derogation) -> str:
    """The kinds of a request, for a cell."""
    return ", ".join(head.get_kind_display() for head in derogation.heads.all())
