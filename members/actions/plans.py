"""Open and repeal versions of the delegation plan, and say how many sign (F-10, F-16)."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members import events
from members.actions.delegations import require_writing, shorten
from members.actions.invitations import carry_signer_invitations
from members.actions.signers import follow_plan
from members.models import Delegation, DelegationPlan, Organisation, SigningRule, User
from members.permissions import Refused, branch_of, require
from members.powers import DerogationKind, TaxBasis
from members.queries.plans import posts_of
from members.roles import May
from portal.audit import Event, record
from portal.clock import database_clock, today
from portal.commands import action
from portal.files import store_document
from portal.uploads import Upload
from portal.workflow import locked

MOST_SIGNERS = 5


@action
def open_plan(
    *,
    organisation: Organisation,
    approved_on: date,
    act_reference: str,
    act_file: Upload,
    by: User,
    tax_basis: str = TaxBasis.BEFORE_TAX,
    fiscal_year_ends: str = "12-31",
    steps_up: bool = False,
    ends_previous_on: date | None = None,
    reason: str = "",
) -> DelegationPlan:
    """Open a version of the plan with its approval act; rules of the last one are taken over.

    ``ends_previous_on`` ends every line of earlier versions at the start of that day; without it
    they last until someone ends them. ITQ gives the written request as ``reason``.
    """
    hat = require(by, May.RECORD_DELEGATION, on=organisation)
    require_writing(by, organisation.branches.get(is_root=True), reason)
    _refuse_future(approved_on)
    earlier = locked(organisation).delegation_plans.order_by("-version")
    last = earlier.first()
    plan = DelegationPlan.objects.create(
        organisation=organisation,
        version=last.version + 1 if last else 1,
        approved_on=approved_on,
        act_reference=act_reference,
        act_file=store_document(act_file),
        tax_basis=tax_basis,
        fiscal_year_ends=fiscal_year_ends,
        steps_up=steps_up,
        recorded_by=by,
    )
    _record_opening(plan, by=by, hat=hat, reason=reason)
    _copy_rules(last, plan, by=by, hat=hat)
    if ends_previous_on:
        _end_lines(earlier.exclude(pk=plan.pk), ends_previous_on, by=by, hat=hat)
    follow_plan(organisation.pk)
    return plan


@action
def end_plan(*, plan: DelegationPlan, on: date, reason: str, by: User) -> DelegationPlan:
    """Repeal a version: each of its lines empowers no more from the start of that day."""
    hat = require(by, May.RECORD_DELEGATION, on=plan.organisation)
    locked(plan)
    ended = _end_lines([plan], on, by=by, hat=hat)
    if not ended:
        raise ValidationError({"on": _("Aucune ligne de cette version ne vaut encore ce jour-là.")})
    root = branch_of(plan.organisation)
    told = {"reason": reason, "on_day": on.isoformat(), "lines": ended}
    record(events.PLAN_ENDED, by=by, on=plan, hat=hat, branch_id=root, **told)
    follow_plan(plan.organisation_id)
    return plan


@action
def set_signing_rule(
    *,
    plan: DelegationPlan,
    kind: str,
    from_amount: Decimal,
    needed: int,
    posts: Sequence[str] = (),
    by: User,
) -> SigningRule:
    """From an amount up, how many sign, and which posts first, one after the other (F-16, D-20).

    A rule that begins at the same amount is replaced, once a second person confirmed it; until
    then both count together (R-02). Requests already submitted keep theirs.
    """
    hat = require(by, May.RECORD_DELEGATION, on=plan.organisation)
    if not 1 <= needed <= MOST_SIGNERS:
        raise ValidationError({"needed": _("De une à cinq signatures.")})
    if len(posts) > needed:
        told = _("Vous nommez plus de postes qu'il n'y a de signatures : augmentez ce nombre.")
        raise ValidationError({"needed": told})
    locked(plan)
    if unknown := set(posts) - set(posts_of(plan, kind)):
        told = _(
            "Aucune ligne du plan ne donne à ce poste le pouvoir de signer ce genre : %(posts)s."
        )
        raise ValidationError(told % {"posts": ", ".join(sorted(unknown))})
    for known in plan.signing_rules.filter(
        kind=kind, from_amount=from_amount, removed_at__isnull=True
    ):
        _take_out(known, by=by)
    rule = SigningRule.objects.create(
        plan=plan,
        kind=kind,
        from_amount=from_amount,
        needed=needed,
        posts=list(dict.fromkeys(posts)),
        recorded_by=by,
    )
    _record_rule(rule, by=by, hat=hat)
    return rule


@action
def remove_signing_rule(*, rule: SigningRule, by: User) -> None:
    """One signature suffices again, or the rule of a lower amount, once it is confirmed (R-02)."""
    hat = require(by, May.RECORD_DELEGATION, on=rule.plan.organisation)
    locked(rule.plan)
    fresh = locked(rule)
    if fresh.removed_at:
        raise ValidationError(_("Le retrait de cette règle attend déjà sa confirmation."))
    _record_rule(fresh, by=by, hat=hat, event=events.SIGNING_RULE_REMOVED)
    _take_out(fresh, by=by)


@action
def confirm_signing_rule(*, rule: SigningRule, by: User) -> None:
    """A second person confirms a rule, or its removal: from then on fewer may sign (R-02).

    Never who wrote it, by person. The rule that it replaces goes with it.
    """
    hat = require(by, May.CONFIRM_DELEGATION, on=rule.plan.organisation)
    locked(rule.plan)
    fresh = locked(rule)
    if fresh.confirmed_at and not fresh.removed_at:
        raise ValidationError(_("Cette règle est déjà confirmée."))
    asked = fresh.removed_by or fresh.recorded_by
    if by.person_id == asked.person_id:
        raise Refused(_("Une autre personne que celle qui a écrit la règle la confirme."))
    _record_rule(fresh, by=by, hat=hat, event=events.SIGNING_RULE_CONFIRMED)
    if fresh.removed_at:
        fresh.delete()
        return
    fresh.confirmed_at, fresh.confirmed_by = database_clock(), by
    fresh.save(update_fields=["confirmed_at", "confirmed_by"])
    replaced = fresh.plan.signing_rules.filter(kind=fresh.kind, from_amount=fresh.from_amount)
    replaced.filter(removed_at__isnull=False).delete()


def _take_out(rule: SigningRule, *, by: User) -> None:
    """A rule that nobody confirmed goes; a confirmed one waits for its removal's confirmation."""
    if rule.confirmed_at is None:
        rule.delete()
        return
    rule.removed_at, rule.removed_by = database_clock(), by
    rule.save(update_fields=["removed_at", "removed_by"])


def _refuse_future(approved_on: date) -> None:
    if approved_on > today():
        raise ValidationError({"approved_on": _("L'acte ne peut être daté d'un jour à venir.")})


def _record_opening(plan: DelegationPlan, *, by: User, hat: str, reason: str) -> None:
    root = branch_of(plan.organisation)
    told = {"act": plan.act_reference, "sha256": plan.act_file.sha256, "reason": reason}
    record(events.PLAN_OPENED, by=by, on=plan, hat=hat, branch_id=root, **told)


def _end_lines(plans: Iterable[DelegationPlan], on: date, *, by: User, hat: str) -> int:
    """Shorten every line of some versions that would empower on that day or later."""
    lines = Delegation.objects.standing().filter(plan__in=plans)
    count = 0
    for line in lines.select_for_update(of=("self",)).order_by("pk"):
        if line.valid.upper is None or line.valid.upper > on:
            ended = shorten(line, on, _("Version du plan abrogée"))
            carry_signer_invitations(line, ended, on, by=by, hat=hat)
            day = on.isoformat()
            record(events.DELEGATION_ENDED, by=by, on=ended, hat=hat, on_day=day)
            count += 1
    return count


def _copy_rules(last: DelegationPlan | None, plan: DelegationPlan, *, by: User, hat: str) -> None:
    """A new version never lowers by silence how many sign."""
    for rule in last.signing_rules.all() if last else ():
        copied = SigningRule.objects.create(
            plan=plan,
            kind=rule.kind,
            from_amount=rule.from_amount,
            needed=rule.needed,
            posts=rule.posts,
            recorded_by=rule.recorded_by,
            confirmed_at=rule.confirmed_at,
            confirmed_by=rule.confirmed_by,
            removed_at=rule.removed_at,
            removed_by=rule.removed_by,
        )
        _record_rule(copied, by=by, hat=hat)


def _record_rule(
    rule: SigningRule, *, by: User, hat: str, event: Event = events.SIGNING_RULE_SET
) -> None:
    root = branch_of(rule.plan.organisation)
    told = {
        "kind": DerogationKind(rule.kind).value,
        "from_amount": str(rule.from_amount),
        "needed": rule.needed,
        "posts": rule.posts,
    }
    record(event, by=by, on=rule, hat=hat, branch_id=root, **told)
