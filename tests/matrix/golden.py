"""The golden table: which role may do what, copied by hand from permissions.md §2 and D-05.

It imports nothing of the portal. A difference with ``members/roles.py`` turns a test red: either
the code or this table is wrong, and a person says which.
"""

ROLES = (
    *("intrl", "rcell", "manda", "manda_substitute", "sector_manager", "factu", "dero"),
    *("reader", "payer", "agent", "admin", "mandated", "SYSTEM"),
)
TABLE = """
                          INTRL RCELL MANDA SUBST SECT FACTU DERO READ PAYER AGENT ADMIN R-44 SYST
see_member                  x     x     x     x    x     x    x    .     .     x     x    .    .
designate                   x     .     .     .    .     .    .    .     .     .     .    .    .
confirm_designation         .     .     x     x    .     .    .    .     .     x     x    .    .
name_reader                 x     x     .     .    .     .    .    .     .     .     .    .    .
name_payer                  x     .     .     .    .     .    .    .     .     .     .    .    .
attest_identity             x     .     .     .    .     .    .    .     .     .     .    .    .
keep_accesses               x     .     .     .    .     .    .    .     .     .     .    .    .
keep_own_access             .     x     .     .    .     .    .    .     .     .     .    .    .
send_to_itq                 x     .     .     .    .     .    .    .     .     .     .    .    .
send_to_itq_if_authorised   .     x     x     .    .     .    .    .     .     .     .    .    .
file_membership             x     .     .     .    .     .    .    .     .     .     .    .    .
confirm_membership          .     .     .     .    .     .    .    .     .     x     x    .    .
record_account              x     .     .     .    .     .    .    .     .     .     .    .    .
confirm_account             .     .     .     .    .     .    .    .     .     x     x    .    .
confirm_address             x     .     .     .    .     .    .    .     .     .     .    .    .
keep_cost_centres           .     x     .     .    .     .    .    .     .     .     .    .    .
see_catalogue               x     x     x     x    x     x    x    .     .     x     x    .    .
ask_offer                   .     x     .     .    .     .    .    .     .     .     .    .    .
see_orders                  x     x     x     x    x     x    .    .     .     x     x    .    .
order                       .     x     .     .    .     .    .    .     .     .     .    .    .
record_milestone            .     x     .     .    .     .    .    .     .     x     x    .    .
settle_sending              .     .     .     .    .     .    .    .     .     x     x    .    .
see_lines                   x     x     x     x    x     x    .    x     .     x     x    .    .
keep_lines                  .     x     .     .    .     .    .    .     .     .     .    .    .
read_journal                x     .     x     x    .     .    .    .     .     x     x    .    .
see_plan                    x     x     x     x    x     x    x    .     .     x     x    .    .
record_delegation           x     .     .     .    .     .    .    .     .     x     x    .    .
confirm_delegation          .     .     x     x    .     .    .    .     .     x     x    .    .
declare_absence             x     .     .     .    .     .    .    .     .     .     .    .    .
see_derogations             x     x     x     x    x     x    x    .     .     x     x    .    .
ask_derogation              .     x     x     x    .     .    .    .     .     .     .    .    .
attach_paper                x     x     .     .    .     .    .    .     .     .     .    .    .
confirm_paper               .     .     x     x    .     .    .    .     .     x     x    .    .
give_billing_mandate        x     .     .     .    .     .    .    .     .     .     .    .    .
import_bills                .     .     .     .    .     x    .    .     .     .     .    x    .
see_invoices                x     .     x     x    .     x    .    .     .     .     .    x    .
see_charges                 x     x     x     x    .     x    .    .     .     .     .    x    .
see_use                     x     x     x     x    .     x    .    x     .     .     .    x    .
see_use_detail              .     x     .     .    .     .    .    .     .     .     .    x    .
verify_invoices             .     .     .     .    .     x    .    .     .     .     .    .    .
match_billed_lines          .     x     .     .    .     x    .    .     .     .     .    .    .
see_released_invoices       .     .     .     .    .     .    .    .     x     .     .    .    .
record_payment              .     .     .     .    .     .    .    .     x     .     .    .    .
open_console                .     .     .     .    .     .    .    .     .     x     x    .    .
manage_members              .     .     .     .    .     .    .    .     .     .     x    .    .
designate_intrl             .     .     .     .    .     .    .    .     .     .     x    .    .
manage_contracts            .     .     .     .    .     .    .    .     .     .     x    .    .
manage_catalogue            .     .     .     .    .     .    .    .     .     .     x    .    .
answer_members              .     .     .     .    .     .    .    .     .     x     x    .    .
replay_tasks                .     .     .     .    .     .    .    .     .     x     x    .    .
read_all_journal            .     .     .     .    .     .    .    .     .     x     x    .    .
appoint_staff               .     .     .     .    .     .    .    .     .     .     x    .    x
see_outgoing_mail           .     .     .     .    .     .    .    .     .     x     x    .    .
attest_interlocutor         .     .     .     .    .     .    .    .     .     x     x    .    .
set_derogation_rules        .     .     .     .    .     .    .    .     .     .     x    .    .
see_group_derogations       .     .     .     .    .     .    .    .     .     x     x    .    .
import_group_bills          .     .     .     .    .     .    .    .     .     x     x    .    x
see_group_bills             .     .     .     .    .     .    .    .     .     x     x    .    .
manage_formats              .     .     .     .    .     .    .    .     .     .     x    .    .
"""
"""A cross: the role may. MANDA's substitute stands for MANDA, except in writing to ITQ (R-07).

DERO sees the plan and its branch's derogations to route them; what it signs is granted request by
request (signing.md §2). ITQ records a line on written request, and another agent confirms it.

R-44 is ITQ's staff on the branches whose interlocutor gave ITQ the mandate over its bills.

The lines on the console, the queue and the mail are ITQ's own; ``manage_…`` is its administrator's
(D-05). An INTRL is designated by ITQ's administrator on written designation (permissions.md §2).
"""

FACTOR_ROLES = frozenset({"intrl", "dero", "factu", "agent", "admin", "mandated"})
"""Roles whose rights ask for an enrolled second factor (F-87)."""

CONFIRMED_ROLES = frozenset({"dero"})
"""Roles that a second person confirms before they take effect (R-02)."""


def _read() -> dict[str, frozenset[str]]:
    """Permission → the roles that have it."""
    table = {}
    for line in TABLE.strip().splitlines()[1:]:
        permission, *crosses = line.split()
        if len(crosses) != len(ROLES):
            raise ValueError(f"golden table: {permission} has {len(crosses)} columns")
        table[permission] = frozenset(
            role for role, cross in zip(ROLES, crosses, strict=True) if cross == "x"
        )
    return table


GOLDEN = _read()
