"""Factories of the members' tables; plain rows, so that tests choose what the actions are for."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import factory
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.utils import timezone

from members import models
from members.links import digest_of, new_nonce, token_of
from members.powers import DerogationKind
from members.projection import project
from members.roles import Role, StaffRole

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class PersonFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Person

    given_name = "Alice"
    family_name = factory.Sequence(lambda n: f"Tremblay-{n}")
    email = factory.Sequence(lambda n: f"personne{n}@example.test")


class UserFactory(factory.django.DjangoModelFactory):
    """An account whose e-mail is verified and that has a second factor."""

    class Meta:
        model = models.User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"compte{n}@example.test")
    person = factory.SubFactory(PersonFactory)

    @factory.post_generation
    def verified(self, create, value=True, **kwargs):
        if value is not False:
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)

    @factory.post_generation
    def factor(self, create, value=True, **kwargs):
        if value is not False:
            Authenticator.objects.create(user=self, type=Authenticator.Type.TOTP, data={})


class OrganisationFactory(factory.django.DjangoModelFactory):
    """An active member with its root branch."""

    class Meta:
        model = models.Organisation
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Ville de Saint-Fictif-{n}")
    slug = factory.Sequence(lambda n: f"saint-fictif-{n}")
    kind = models.Organisation.Kind.MUNICIPALITY
    payment_system = models.Organisation.PaymentSystem.OWN
    status = models.Organisation.Status.ACTIVE
    population = 120_000

    @factory.post_generation
    def root(self, create, value, **kwargs):
        BranchFactory(organisation=self, name=self.name, is_root=True)


class BranchFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Branch

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Subdivision {n}")


class CostCentreFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.CostCentre

    branch = factory.SubFactory(BranchFactory)
    code = factory.Sequence(lambda n: f"CC-{n:04}")
    name = "Travaux publics"


class RespondentFactory(factory.django.DjangoModelFactory):
    """A role in force without end; confirmed where the role asks for it."""

    class Meta:
        model = models.Respondent

    person = factory.SubFactory(PersonFactory)
    branch = factory.SubFactory(BranchFactory)
    role = Role.RCELL
    period = DateTimeTZRange(LONG_AGO, None)
    confirmed_by = factory.LazyAttribute(
        lambda row: UserFactory() if row.role == Role.DERO else None
    )
    confirmed_at = factory.LazyAttribute(lambda row: LONG_AGO if row.role == Role.DERO else None)


class StaffAppointmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.StaffAppointment

    person = factory.SubFactory(PersonFactory)
    role = StaffRole.AGENT
    period = DateTimeTZRange(LONG_AGO, None)


class ProviderFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Provider
        django_get_or_create = ("code",)

    code = "telus"
    name = "TELUS"


class ContractFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Contract

    title = "Services en mobilité cellulaire"
    valid = DateRange(LONG_AGO.date(), None)


class ContractRankFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.ContractRank

    contract = factory.SubFactory(ContractFactory)
    provider = factory.SubFactory(ProviderFactory)
    rank = 1
    number = factory.Sequence(lambda n: f"99{n:07}")


class ContractPhaseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.ContractPhase

    contract = factory.SubFactory(ContractFactory)
    kind = models.ContractPhase.Kind.FIRM
    valid = DateRange(LONG_AGO.date(), None)
    order_kinds = ["new_line", "sim_only", "upgrade", "device_only", "plan_change"]


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Membership

    organisation = factory.SubFactory(OrganisationFactory)
    branch = factory.LazyAttribute(lambda row: row.organisation.branches.get(is_root=True))
    contract = factory.SubFactory(ContractFactory)
    valid = DateRange(LONG_AGO.date(), None)
    authorisation = models.Membership.Authorisation.NOT_REQUIRED
    agreement_on = LONG_AGO.date()
    bound_by = "La greffière"
    confirmed_at = LONG_AGO
    confirmed_by = factory.SubFactory(UserFactory)


class ProviderAccountFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.ProviderAccount

    branch = factory.SubFactory(BranchFactory)
    provider = factory.SubFactory(ProviderFactory)
    number = factory.Sequence(lambda n: f"{n:08}")
    opened_on = LONG_AGO.date()

    class Params:
        confirmed = factory.Trait(
            confirmed_at=LONG_AGO, confirmed_by=factory.SubFactory(UserFactory)
        )


class AdministeringBodyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.AdministeringBody

    name = "ITQ"
    full_name = "Infrastructures technologiques Québec"
    advisers_email = "conseillers@example.test"
    approval_email = "approbation@example.test"
    valid = DateRange(LONG_AGO.date(), None)


class JoiningRuleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.JoiningRule

    mode = models.JoiningRule.Mode.BLOCK
    source = "Foire aux questions, question 7"
    valid = DateRange(LONG_AGO.date(), None)


class ProviderAccessFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.ProviderAccess

    branch = factory.SubFactory(BranchFactory)
    provider = factory.SubFactory(ProviderFactory)
    person = factory.SubFactory(PersonFactory)
    scopes = [models.ProviderAccess.Scope.ORDER_FORMS]
    asked_on = LONG_AGO.date()


class AccountManagerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.AccountManager

    branch = factory.SubFactory(BranchFactory)
    provider = factory.SubFactory(ProviderFactory)
    name = "Camille Fictif"
    period = DateTimeTZRange(LONG_AGO, None)


class InvitationFactory(factory.django.DjangoModelFactory):
    """A link that still works by its own dates; ``token_of(invitation.nonce)`` opens it."""

    class Meta:
        model = models.Invitation

    branch = factory.SubFactory(BranchFactory)
    person = factory.SubFactory(PersonFactory)
    email = factory.LazyAttribute(lambda row: row.person.email)
    delegation = None
    role = factory.LazyAttribute(lambda row: None if row.delegation else Role.RCELL)
    nonce = factory.LazyFunction(new_nonce)
    token_sha256 = factory.LazyAttribute(lambda row: digest_of(token_of(row.nonce)))
    invited_by = factory.SubFactory(UserFactory)
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=14))


class StandingAuthorisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.StandingAuthorisation

    respondent = factory.SubFactory(RespondentFactory)
    branch = factory.LazyAttribute(lambda row: row.respondent.branch)
    period = DateTimeTZRange(LONG_AGO, None)
    authorised_by = factory.SubFactory(UserFactory)


class BillingMandateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.BillingMandate

    branch = factory.SubFactory(BranchFactory)
    period = DateTimeTZRange(LONG_AGO, None)
    given_by = factory.SubFactory(UserFactory)


class ItqMessageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.ItqMessage

    branch = factory.SubFactory(BranchFactory)
    direction = models.ItqMessage.Direction.TO_ITQ
    subject = "Une question"
    body = "Bonjour, une question."
    sent_by = factory.SubFactory(UserFactory)


class FactorResetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.FactorReset

    account = factory.SubFactory(UserFactory)
    callback_note = "Rappel au 418 555-0100"
    asked_by = factory.SubFactory(UserFactory)


class DelegationPlanFactory(factory.django.DjangoModelFactory):
    """The plan of a member, approved long ago."""

    class Meta:
        model = models.DelegationPlan

    organisation = factory.SubFactory(OrganisationFactory)
    version = factory.Sequence(lambda n: n % 30_000 + 1)
    approved_on = LONG_AGO.date()
    act_reference = "Résolution 2020-001"
    act_file = factory.SubFactory("tests.portal.factories.StoredFileFactory")
    recorded_by = factory.SubFactory(UserFactory)


class DelegationFactory(factory.django.DjangoModelFactory):
    """A confirmed line in force on the root of its plan's member: a holder, every kind."""

    class Meta:
        model = models.Delegation

    plan = factory.SubFactory(DelegationPlanFactory)
    branch = factory.LazyAttribute(lambda row: row.plan.organisation.branches.get(is_root=True))
    clause = factory.Sequence(lambda n: f"4.{n}")
    post = "Directrice des finances"
    holder = factory.SubFactory(PersonFactory)
    kinds = list(DerogationKind.values)
    ceiling_amount = Decimal("25000.00")
    valid = DateRange(LONG_AGO.date(), None)
    recorded = DateTimeTZRange(LONG_AGO, None)
    recorded_by = factory.SubFactory(UserFactory)
    confirmed_at = LONG_AGO
    confirmed_by = factory.SubFactory(UserFactory)


class InterimFactory(factory.django.DjangoModelFactory):
    """A confirmed interim in force, on the branch of its line."""

    class Meta:
        model = models.Interim

    delegation = factory.SubFactory(DelegationFactory)
    branch = factory.LazyAttribute(lambda row: row.delegation.branch)
    person = factory.SubFactory(PersonFactory)
    valid = DateRange(LONG_AGO.date(), None)
    act_reference = "Note de service 2020-7"
    recorded_by = factory.SubFactory(UserFactory)
    confirmed_at = LONG_AGO
    confirmed_by = factory.SubFactory(UserFactory)


class AbsenceFactory(factory.django.DjangoModelFactory):
    """An absence under way, without a substitute."""

    class Meta:
        model = models.Absence

    branch = factory.SubFactory(BranchFactory)
    person = factory.SubFactory(PersonFactory)
    valid = DateRange(LONG_AGO.date(), None)
    recorded_by = factory.SubFactory(UserFactory)


class SigningRuleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.SigningRule

    plan = factory.SubFactory(DelegationPlanFactory)
    kind = DerogationKind.NETWORK
    from_amount = Decimal("10000.00")
    needed = 2
    recorded_by = factory.SubFactory(UserFactory)


def respondent_user(role: Role, branch: models.Branch, **account: object) -> models.User:
    """An account whose person holds ``role`` on ``branch``, with its grants projected."""
    user = UserFactory(**account)
    RespondentFactory(person=user.person, role=role, branch=branch)
    project([user.person_id])
    return user


def staff_user(role: StaffRole = StaffRole.AGENT, **account: object) -> models.User:
    """An account of the administering body's staff."""
    user = UserFactory(**account)
    StaffAppointmentFactory(person=user.person, role=role)
    return user
