"""Why may I see this: the chain role, branch, rule behind an object or a person (F-82)."""

from dataclasses import dataclass
from typing import Any, cast

from django.apps import apps
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from members.explanations import POWERS, RULES, SCOPED
from members.models import Branch, Organisation, Person, User
from members.permissions import Right, explain, granted, rights_of, visible
from members.queries.delegations import StandingPower, standing_powers
from members.queries.people import people_of
from members.roles import MAY_LABELS, SIGNER_LABEL, May, PersonalMay
from portal.clock import database_clock


@dataclass(frozen=True, slots=True)
class Chain:
    """One right that opens an object: the hat, the branch it was given on, its rule, its acts."""

    hat: str
    branch: str
    rule: str
    source: str
    number: str
    acts: tuple[str, ...]


def scoped_object(user: User, kind: str, pk: int) -> Model:
    """The object that an address names, through the gate; 404 otherwise."""
    scoped = SCOPED.get(kind)
    if scoped is None or not apps.is_installed(scoped.model.split(".")[0]):
        raise Http404
    try:
        model: type[Model] = apps.get_model(scoped.model)
    except LookupError as error:
        raise Http404 from error
    one: QuerySet[Any] = model._default_manager.filter(pk=pk)
    if scoped.whole:
        seen = visible(user, scoped.may, Organisation.objects.all())
        found = one.filter(organisation__in=seen).first()
    else:
        found = visible(user, scoped.may, one).first()
    if found is None and scoped.signed:
        found = granted(user, PersonalMay.SIGN_DEROGATION, one).first()
    if found is None:
        raise Http404
    return cast(Model, found)


def chains_over(user: User, kind: str, on: Model) -> list[Chain]:
    """Each right that shows the object, with everything else that it opens there.

    For who may sign it: the line of the plan, the grant that follows, the act.
    """
    scoped = SCOPED[kind]
    whole: Any = on
    hung_on = whole.organisation if scoped.whole else on
    rights = _rights_over(user, scoped.may, hung_on)
    names = _branch_names(rights)
    signing = _signing_chains(user, on) if scoped.signed else []
    return [*(_chain(right, names) for right in rights), *signing]


def _rights_over(user: User, may: May, on: Model) -> list[Right]:
    """What opens an object; a right over any of its branches shows an organisation."""
    if not isinstance(on, Organisation):
        return explain(user, may, on)
    places = list(on.branches.values_list("pk", flat=True))
    return [right for right in rights_of(user) if any(right.opens(may, pk) for pk in places)]


def _signing_chains(user: User, on: Any) -> list[Chain]:
    """Line of the plan → grant → act, for each power by which ``user`` may sign it (F-11)."""
    if not granted(user, PersonalMay.SIGN_DEROGATION, type(on).objects.filter(pk=on.pk)).exists():
        return []
    kinds = [head.kind for head in on.heads.all()]
    powers = standing_powers(on.branch, kinds, database_clock())
    return [_power_chain(power) for power in powers if power.person.pk == user.person_id]


def _power_chain(power: StandingPower) -> Chain:
    """One power in words."""
    line = power.delegation
    told = {"line": line.clause, "post": line.post, "absent": power.acting_for or ""}
    return Chain(
        hat=f"{SIGNER_LABEL}, {power.capacity.label}",
        branch=line.branch.name,
        rule=str(POWERS[power.capacity]) % told,
        source=_("Plan de délégation, version %(version)s, approuvée le %(day)s (%(act)s)")
        % {
            "version": line.plan.version,
            "day": line.plan.approved_on.isoformat(),
            "act": line.plan.act_reference,
        },
        number="R-24",
        acts=(_("Signer cette dérogation, ou la refuser"),),
    )


def rights_in(user: User, organisation: Organisation) -> list[Chain]:
    """What an account may see and do in a member, hat by hat."""
    here = [right for right in rights_of(user) if right.worn_in(organisation.slug)]
    names = _branch_names(here)
    return [_chain(right, names) for right in here]


def person_in(user: User, organisation: Organisation, pk: int) -> Person:
    """A person of the member, for whoever may see its people; 404 otherwise."""
    found: Person | None = people_of(user, organisation).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _branch_names(rights: list[Right]) -> dict[int, str]:
    """The names of the branches that the rights hang on, found at once."""
    ids = {right.branch_id for right in rights if right.branch_id is not None}
    return dict(Branch.objects.filter(pk__in=ids).values_list("pk", "name"))


def _chain(right: Right, names: dict[int, str]) -> Chain:
    rule, source, number = RULES[right.role]
    acts = [str(label) for may, label in MAY_LABELS.items() if may in right.permissions]
    return Chain(
        hat=right.label,
        branch=_where(right, names),
        rule=str(rule),
        source=str(source),
        number=number,
        acts=tuple(acts) if not right.lacks_factor else (),
    )


def _where(right: Right, names: dict[int, str]) -> str:
    """The branch of a respondent; in words, what staff reach."""
    if right.branch_id is not None:
        return names[right.branch_id]
    if right.reach is None:
        return _("tous les organismes")
    return _("les organismes qui ont mandaté ITQ (R-44)")


def role_rows() -> list[tuple[May, str]]:
    """Every permission over a branch with its words, in the order of the table."""
    return [(may, str(label)) for may, label in MAY_LABELS.items()]
