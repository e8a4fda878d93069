"""A row for each action, written by hand: what it asks, and on what it is tried (D-06).

The arguments that matter to the gate are given by place; the others are made from the types.
"""

from dataclasses import dataclass, field
from typing import Any

ELSEWHERE = {
    "members.invitations.open_invited_account": "the holder of a link has no account yet (F-05)",
    "members.invitations.attach_account": "the link, then the e-mail it was sent to (F-05)",
    "members.people.rename_self": "one's own name",
    "derogations.requests.return_request": "the signer's grant on the request (F-30)",
    "derogations.messages.write_as_signer": "the signer's grant on the request (F-32)",
    "derogations.signing.open_challenge": "E1 to E10, on the plan's lines (signing.md §2)",
    "derogations.signing.sign_derogation": "one's own challenge, then E1 to E10 (signing.md §3.5)",
    "derogations.refusals.refuse_derogation": "E1 to E10, as for a signature",
    "derogations.withdrawals.open_withdrawal": "a power over what was signed (R-22)",
    "derogations.withdrawals.withdraw_derogation": "one's own challenge, then that power",
    "members.absences.declare_own_absence": "standing on a line of the plan, role or no role",
    "members.absences.end_own_absence": "one's own return",
}
"""Actions that ask something else than a role; each has its own tests."""


@dataclass(frozen=True)
class Act:
    """One action: the permissions of which one is enough, and arguments that choose it.

    ``also`` and ``but`` name the personas that a rule beyond the table lets in or keeps out.
    """

    name: str
    may: tuple[str, ...]
    chosen: dict[str, Any] = field(default_factory=dict)
    place: str = "A1"
    also: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


def acts(may: str, *names: str) -> list[Act]:
    """Actions that ask one permission."""
    return [Act(name, (may,)) for name in names]


ACTS: tuple[Act, ...] = (
    # -- members --
    *acts(
        "keep_accesses",  # or one's own access, which these are not
        "members.accesses.record_access",
        "members.accesses.grant_access",
        "members.accesses.revoke_access",
        "members.accesses.keep_access",
    ),
    *acts(
        "record_account",
        "members.accounts.ask_account",
        "members.accounts.record_account",
        "members.accounts.close_account",
        "members.accounts.name_account_manager",
    ),
    *acts("confirm_account", "members.accounts.confirm_account"),
    *acts(
        "give_billing_mandate",
        "members.mandates.give_billing_mandate",
        "members.mandates.revoke_billing_mandate",
    ),
    *acts(
        "manage_contracts",
        "members.contracts.record_administering_body",
        "members.contracts.record_provider",
        "members.contracts.open_contract",
        "members.contracts.add_phase",
        "members.contracts.set_joining_rule",
        "catalogue.taxes.set_tax_rate",
        "orders.dispatch_modes.set_dispatch_mode",
    ),
    *acts(
        "keep_cost_centres",
        "members.cost_centres.add_cost_centre",
        "members.cost_centres.rename_cost_centre",
        "members.cost_centres.retire_cost_centre",
        "members.cost_centres.restore_cost_centre",
    ),
    *acts(
        "designate",
        "members.designations.designate_someone",
        "members.invitations.invite",
        "members.people.record_person",
        "members.respondents.designate",
        "members.respondents.end_role",
        "members.respondents.retract_designation",
    ),
    Act("members.invitations.revoke_invitation", ("designate",), {"invitation": "invitation"}),
    Act("members.invitations.revoke_invitation", ("record_delegation",)),  # to sign, no role
    Act("members.respondents.designate", ("name_reader",), {"role": "reader"}),
    Act("members.respondents.designate", ("name_payer",), {"role": "payer"}),
    Act("members.respondents.designate", ("designate_intrl",), {"role": "intrl"}),
    Act("members.people.record_person", ("name_reader",), {"role": "reader"}),
    Act("members.people.record_person", ("designate_intrl",), {"role": "intrl"}),
    Act("members.designations.designate_someone", ("name_payer",), {"role": "payer"}),
    Act("members.respondents.end_role", ("designate_intrl",), {"respondent": "interlocutor"}),
    *acts("designate_intrl", "members.designations.designate_interlocutor"),
    Act(
        "members.respondents.hand_over_interlocutor",
        ("designate_intrl",),
        {"respondent": "interlocutor"},
        also=("intrl of A1 and factu of B",),  # who holds the role hands it over
    ),
    Act(
        "members.respondents.hand_over_interlocutor",
        ("designate_intrl",),
        {"respondent": "interlocutor"},
        place="A2",  # whose holder lacks a second factor
    ),
    *acts("confirm_designation", "members.respondents.confirm_designation"),
    *acts("attest_identity", "members.people.attest_identity", "members.factors.reset_factor"),
    Act(
        "members.people.attest_identity",
        ("attest_interlocutor",),
        {"respondent": "interlocutor"},
    ),
    *acts(
        "attest_interlocutor",
        "members.factors.ask_factor_reset",
        "members.factors.complete_factor_reset",
    ),
    Act("members.memberships.file_membership", ("file_membership",), place="A"),
    *acts("file_membership", "members.memberships.file_authorisation"),
    *acts(
        "confirm_membership",
        "members.memberships.confirm_membership",
        "members.memberships.confirm_authorisation",
        "members.memberships.waive_authorisation",
    ),
    *acts(
        "send_to_itq",
        "members.messages.send_to_itq",  # or with INTRL's word, which nobody has here
        "members.messages.see_copy",
        "members.messages.authorise_writing",
        "members.messages.end_authorisation",
    ),
    *(
        Act(f"members.{name}", ("record_delegation",), place="A")
        for name in (
            "plans.open_plan",
            "plans.end_plan",
            "plans.set_signing_rule",
            "plans.remove_signing_rule",
            "delegation_sheets.check_delegation_sheet",
            "delegation_sheets.import_delegations",
        )
    ),
    *acts(
        "record_delegation",
        "members.delegations.record_delegation",
        "members.delegations.correct_delegation",
        "members.delegations.end_delegation",
        "members.interims.name_interim",
        "members.interims.end_interim",
        "derogations.reexamination.close_reexamination",
    ),
    *acts(
        "confirm_delegation",
        "members.delegations.confirm_delegation",
        "members.interims.confirm_interim",
    ),
    Act("members.plans.confirm_signing_rule", ("confirm_delegation",), place="A"),
    *acts(
        "declare_absence",
        "members.absences.declare_absence",
        "members.absences.end_absence",
    ),
    Act("members.people.attest_signer", ("attest_identity", "attest_interlocutor")),
    *acts("attest_identity", "members.factors.reset_signer_factor"),
    *acts("record_delegation", "members.invitations.invite_signer"),
    *acts("replay_tasks", "members.console.replay_tasks"),
    *acts("answer_members", "members.messages.write_to_member", "members.messages.handle_message"),
    Act("members.messages.handle_message", ("send_to_itq",), {"message": "answer"}),
    *acts(
        "manage_members",
        "members.organisations.create_organisation",
        "members.organisations.change_organisation",
        "members.organisations.add_subdivision",
    ),
    *acts(
        "appoint_staff",
        "members.staff.appoint_staff",
        "members.staff.open_staff_account",
        "members.staff.end_appointment",
    ),
    # -- catalogue --
    *acts("manage_catalogue", "catalogue.imports.upload_list", "catalogue.imports.publish_list"),
    *acts("ask_offer", "catalogue.requests.ask_offer"),
    Act(
        "catalogue.requests.read_offer_answer",
        ("ask_offer",),
        but=("rcell of A", "rcell of A and B"),  # somebody else asked
    ),
    Act(
        "catalogue.requests.read_offer_answer",
        ("ask_offer",),
        {"offer_request": "offer_asked"},
        but=("rcell of A", "rcell of A and B"),  # one whose role ended asked, and may not either
    ),
    *acts("answer_members", "catalogue.requests.answer_offer_request"),
    # -- derogations: requests --
    *acts(
        "ask_derogation",
        "derogations.drafts.open_request",
        "derogations.drafts.edit_request",
        "derogations.drafts.set_kinds",
        "derogations.drafts.set_service_numbers",
        "derogations.drafts.add_place",
        "derogations.drafts.change_place",
        "derogations.drafts.remove_place",
        "derogations.drafts.add_test",
        "derogations.drafts.remove_test",
        "derogations.attachments.add_attachment",
        "derogations.attachments.remove_attachment",
        "derogations.earlier.record_earlier",
        "derogations.requests.submit_request",
        "derogations.requests.cancel_request",
    ),
    *acts(
        "see_derogations", "derogations.messages.write_message", "derogations.messages.ask_annex"
    ),
    *acts(
        "set_derogation_rules",
        "derogations.settings.set_proof_rules",
        "derogations.settings.set_provider_form",
        "derogations.settings.set_reply_template",
        "derogations.settings.set_reminder_delays",
    ),
    # -- derogations: paper --
    *acts(
        "attach_paper",
        "derogations.papers.attach_paper",
        "derogations.papers.attach_resolution",
    ),
    *acts("confirm_paper", "derogations.papers.confirm_paper"),
    Act("derogations.sealing.export_evidence", ("see_derogations",), {"seal": "seal"}),
    # -- orders --
    *acts("ask_derogation", "orders.derogations.renew_derogation"),
    *acts(
        "order",
        "orders.derogations.ask_derogation",
        "orders.drawing.choose_derogation",
        "orders.drafts.open_draft",
        "orders.drafts.add_to_draft",
        "orders.drafts.add_lines",
        "orders.drafts.change_order_line",
        "orders.drafts.remove_order_line",
        "orders.drafts.update_draft",
        "orders.drafts.repeat_order",
        "orders.milestones.receive_order",
        "orders.milestones.close_order",
        "orders.sending.ask_new_link",
        "orders.sending.record_placed_order",
        "orders.sending.record_provider_entry",
        "orders.submission.submit_order",
        "orders.submission.reopen_order",
        "orders.submission.cancel_order",
    ),
    *acts("record_milestone", "orders.milestones.record_milestone", "orders.fleet.open_line"),
    *acts("settle_sending", "orders.sending.settle_sending"),
    Act("orders.sending.settle_sending", ("settle_sending",), {"arrived": False}),
    *acts(
        "keep_lines",
        "orders.fleet.change_line",
        "orders.fleet.change_lines",
        "orders.holders.add_holder",
        "orders.holders.change_holder",
        "orders.holders.retire_holder",
        "orders.holders.restore_holder",
        "orders.holders.add_address",
        "orders.holders.retire_address",
        "orders.take_over.check_fleet_file",
        "orders.take_over.take_over_fleet",
    ),
    *acts("confirm_address", "orders.holders.confirm_address"),
    *acts("keep_lines", "orders.fleet.adopt_line"),
    # -- billing: the member's own --
    *acts(
        "verify_invoices",
        "billing.verification.verify_invoice",
        "billing.verification.dispute_invoice",
        "billing.releases.release_invoice",
        "billing.releases.hold_invoice",
    ),
    *acts("record_payment", "billing.payments.record_payment"),
    *acts("name_payer", "billing.payments.set_payment_rule"),
    *acts(
        "match_billed_lines",
        "billing.gaps.match_gaps",
        "billing.gaps.explain_gaps",
        "billing.gaps.ignore_gaps",
    ),
    *acts(
        "keep_lines",
        "billing.proposals.accept_proposals",
        "billing.proposals.decline_proposals",
    ),
    *acts("see_use_detail", "billing.readings.open_use_detail"),
    *acts("import_bills", "billing.readings.open_bill_file"),
    # of a file that tells use
    Act("billing.readings.open_bill_file", ("see_use_detail",), {"bill_file": "bill_file"}),
    *acts("manage_formats", "billing.readings.open_trial"),
    *acts("see_charges", "billing.readings.open_charges"),
    *acts("see_invoices", "billing.statements.ask_statement"),
    *acts(
        "import_bills",
        "billing.periods.correct_typed_period",
        "billing.typed.type_invoice",
        "billing.typed.withdraw_typed_invoice",
    ),
    # -- billing: files and their imports; the group's are tried in tests/billing/imports --
    *acts(
        "import_bills",
        "billing.files.receive_bill_file",
        "billing.files.replay_import",
        "billing.files.settle_refusals",
        "billing.publishing.confirm_import",
        "billing.publishing.refuse_import",
    ),
    # -- billing: formats --
    *acts(
        "manage_formats",
        "billing.profiles.record_profile",
        "billing.profiles.draft_version",
        "billing.profiles.change_definition",
        "billing.profiles.pass_test",
        "billing.profiles.activate_version",
        "billing.profiles.retire_version",
        "billing.profiles.set_expectation",
        "billing.shipped.install_shipped_profiles",
    ),
)
