"""Reads over requests: those of a member, what one holds, what it lacks, who can sign it."""

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Prefetch, QuerySet

from catalogue.models import TaxRate
from derogations.amounts import Commitment
from derogations.completeness import DEFAULT_RULES, Missing, RequestFacts, missing
from derogations.eligibility import eligible_signers, outlook_of
from derogations.freezing import Terms, field_names
from derogations.grants import SigningGrant
from derogations.kinds import DerogationState
from derogations.models import (
    Attachment,
    Derogation,
    FieldComment,
    Message,
    Place,
    ProofRule,
    ProviderForm,
    Refusal,
    ReplyTemplate,
    Seal,
    Signature,
    Version,
)
from derogations.reading import PARTS_AS_FIELDS, label_of
from members.models import Branch, ContractRank, Organisation, User
from members.permissions import visible
from members.powers import TaxBasis
from members.queries.delegations import StandingPower, plan_on, signing_steps
from members.roles import May
from portal.clock import database_clock, today
from portal.models import AuditEvent

UNTOLD = ("derogation.edited", "signing_grants.projected", "challenge.opened")
"""Events of the journal that tell a reader of the request nothing."""

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
    rows = Derogation.objects.filter(branch__organisation=organisation)
    return (
        visible(user, May.SEE_DEROGATIONS, rows)
        .select_related(
            *("branch__organisation", "contract", "provider", "offer", "requester"),
            *("version__pdf", "created_by__person", "last_editor", "beneficiary"),
        )
        .prefetch_related("heads")
        .annotate(
            awaits_signers=Exists(SigningGrant.objects.filter(content_object=OuterRef("pk"))),
            submitted_at=F("version__submitted_at"),
        )
    )


def with_proof(rows: QuerySet[Derogation]) -> QuerySet[Derogation]:
    """The same with places, tests and papers: what is frozen is read in four queries."""
    papers = Attachment.objects.filter(removed_at__isnull=True).select_related("file")
    places = Place.objects.prefetch_related("tests__provider")
    return rows.prefetch_related(
        "heads", Prefetch("places", places), Prefetch("attachments", papers)
    )


def asking_branches(user: User, organisation: Organisation) -> QuerySet[Branch]:
    """The branches of a member for which ``user`` may ask (R-20)."""
    return visible(user, May.ASK_DEROGATION, Branch.objects.filter(organisation=organisation))


def branches_seen(user: User, organisation: Organisation) -> QuerySet[Branch]:
    """The branches of a member whose derogations ``user`` may see."""
    return visible(user, May.SEE_DEROGATIONS, Branch.objects.filter(organisation=organisation))


def terms_of(derogation: Derogation) -> Terms:
    """What a request commits on the plan's tax basis, and how many sign it (D-20, D-22)."""
    day = today()
    plan = plan_on(derogation.branch.organisation, day)
    basis = TaxBasis(plan.tax_basis) if plan else TaxBasis.BEFORE_TAX
    commitment = None
    if derogation.wanted_on and derogation.ends_on:
        rates = TaxRate.objects.filter(valid__contains=day).order_by("code")
        taxed = basis == TaxBasis.AFTER_TAX
        commitment = Commitment(
            quantity=derogation.quantity,
            one_off_amount=derogation.one_off_amount,
            monthly_amount=derogation.monthly_amount,
            wanted_on=derogation.wanted_on,
            ends_on=derogation.ends_on,
            tax_rates=tuple((rate.label, rate.rate) for rate in rates) if taxed else (),
        )
    kinds = [head.kind for head in derogation.heads.all()]
    steps = signing_steps(plan, kinds, commitment.total_amount) if plan and commitment else [1]
    rank = ContractRank.objects.filter(
        contract=derogation.contract_id, provider=derogation.provider_id
    ).first()
    return Terms(commitment, basis, plan, tuple(steps), rank)


def missing_in(derogation: Derogation) -> list[Missing]:
    """What a request still lacks, by the rules of the day (F-33, R-14)."""
    kinds = [head.kind for head in derogation.heads.all()]
    names = field_names(kinds)
    places = list(derogation.places.all())
    facts = RequestFacts(
        kinds=kinds,
        values={name: getattr(derogation, name) for name in names},
        places=len(places),
        tests=sum(len(place.tests.all()) for place in places),
        papers={p.kind for p in derogation.attachments.all() if p.removed_at is None},
        rules=rules_on(kinds),
        needs_form=provider_forms(derogation).exists(),
    )
    labels = {name: label_of(name) for name in [*names, *PARTS_AS_FIELDS]}
    return missing(facts, labels)


def rules_on(kinds: list[str]) -> dict[str, list[list[str]]]:
    """What each kind must prove today: ITQ's dated rules, or the default where it set none."""
    found: dict[str, list[list[str]]] = {kind: [] for kind in kinds}
    written = set()
    day = today()
    for rule in ProofRule.objects.filter(kind__in=kinds):
        written.add(rule.kind)
        if day in rule.valid:
            found[rule.kind].append(rule.any_of)
    for kind in set(kinds) - written:
        found[kind] = [list(proofs) for proofs in DEFAULT_RULES.get(kind, ())]
    return found


def provider_forms(derogation: Derogation) -> QuerySet[ProviderForm]:
    """The provider's current forms for the request's kinds (R-14)."""
    kinds = [head.kind for head in derogation.heads.all()]
    rows = ProviderForm.objects.filter(provider=derogation.provider_id, kind__in=kinds)
    return rows.filter(valid__contains=today()).select_related("file").order_by("kind", "-pk")


def readiness_of(derogation: Derogation) -> Readiness:
    """What is missing, what it commits, and who can sign it now (E3 to E8)."""
    terms = terms_of(derogation)
    outlook = outlook_of(derogation, terms.amount, database_clock())
    return Readiness(missing_in(derogation), terms, outlook.powers, outlook.remarks)


def signers_awaited(derogation: Derogation) -> list[StandingPower]:
    """Who can sign the version that awaits, now; nobody in another state."""
    if derogation.state != DerogationState.SUBMITTED or derogation.version is None:
        return []
    return eligible_signers(derogation, derogation.version, database_clock())


def posts_of(powers: list[StandingPower]) -> list[tuple[str, list[StandingPower]]]:
    """The powers by post, in the order of the plan; each person once a post."""
    posts: dict[str, dict[int, StandingPower]] = {}
    for power in powers:
        posts.setdefault(str(power.delegation), {}).setdefault(power.person.pk, power)
    return [(post, list(people.values())) for post, people in posts.items()]


def open_comments(derogation: Derogation) -> list[FieldComment]:
    """What a signer asked to complete, not yet answered (F-30)."""
    rows = derogation.comments.filter(resolved_at__isnull=True)
    return list(rows.select_related("written_by__person"))


def open_fields(derogation: Derogation, comments: list[FieldComment]) -> set[str] | None:
    """The fields that may change now; None for all of them (F-30)."""
    if derogation.state != DerogationState.RETURNED or not comments:
        return None
    return {comment.field for comment in comments}


def messages_in(derogation: Derogation) -> list[Message]:
    """What was said in a request, oldest first (F-32)."""
    return list(derogation.messages.select_related("written_by__person"))


def offered_replies() -> list[ReplyTemplate]:
    """The ready answers that ITQ offers (F-32)."""
    return list(ReplyTemplate.objects.filter(is_offered=True))


def versions_of(derogation: Derogation) -> list[Version]:
    """Every submission of a request, latest first, with its signatures."""
    signed = Signature.objects.select_related("person", "acting_for", "delegation__plan")
    refused = Refusal.objects.select_related("person", "acting_for", "delegation__plan")
    return list(
        derogation.versions.select_related("submitted_by__person", "pdf").prefetch_related(
            Prefetch("signatures", signed.order_by("signed_at")), Prefetch("refusals", refused)
        )
    )


def seal_of(derogation: Derogation) -> Seal | None:
    """The seal of the version that was signed; None before, and for an earlier derogation."""
    if derogation.version_id is None:
        return None
    return Seal.objects.filter(version=derogation.version_id).first()


def edits_between(derogation: Derogation, before: Version, after: Version) -> dict[str, str]:
    """Who last changed each field from one submission to the next (F-31)."""
    rows = AuditEvent.objects.filter(
        object_type="derogations.derogation",
        object_id=derogation.pk,
        recorded_at__gte=before.submitted_at,
        recorded_at__lte=after.submitted_at,
        data__has_key="fields",
    ).order_by("pk")
    return {name: row.actor_label for row in rows for name in row.data["fields"]}


def request_history(derogation: Derogation) -> list[AuditEvent]:
    """The events of a request already fetched through the gate, oldest first."""
    rows = AuditEvent.objects.filter(
        object_type="derogations.derogation", object_id=derogation.pk
    ).exclude(code__in=UNTOLD)
    return list(rows.order_by("pk"))


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
