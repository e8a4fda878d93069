"""The members' addresses: a member's pages under its name, ITQ's under /itq/."""

from django.urls import URLPattern, path

from members.urls_console import console_patterns
from members.urls_plan import plan_patterns
from members.views import (
    absences,
    accesses,
    accounts,
    cost_centres,
    demonstration,
    explanations,
    home,
    invitations,
    journal,
    me,
    memberships,
    messages,
    respondents,
    staff,
)

app_name = "members"
MEMBER = "organismes/<slug:member>/"
ROLE = f"{MEMBER}repondants/<int:pk>/"

member_pages = [
    path(MEMBER, home.member_home, name="member_home"),
    path(f"{MEMBER}repondants/", respondents.respondent_list, name="respondent_list"),
    path(
        f"{MEMBER}repondants/designer/",
        respondents.respondent_designate,
        name="respondent_designate",
    ),
    path(ROLE, respondents.respondent_detail, name="respondent_detail"),
    path(f"{ROLE}acte/", respondents.respondent_act, name="respondent_act"),
    path(f"{ROLE}fin/", respondents.respondent_end, name="respondent_end"),
    path(f"{ROLE}annulation/", respondents.respondent_retract, name="respondent_retract"),
    path(f"{ROLE}remise/", respondents.respondent_hand_over, name="respondent_hand_over"),
    path(f"{ROLE}confirmation/", respondents.respondent_confirm, name="respondent_confirm"),
    path(f"{ROLE}identite/", respondents.respondent_attest, name="respondent_attest"),
    path(f"{ROLE}invitation/", invitations.respondent_invite, name="respondent_invite"),
    path(f"{ROLE}second-facteur/<int:account>/", me.factor_reset, name="factor_reset"),
    path(f"{MEMBER}invitations/", invitations.invitation_list, name="invitation_list"),
    path(
        f"{MEMBER}invitations/<int:pk>/revocation/",
        invitations.invitation_revoke,
        name="invitation_revoke",
    ),
    path(f"{MEMBER}adhesion/", memberships.membership_list, name="membership_list"),
    path(f"{MEMBER}adhesion/deposer/", memberships.membership_file, name="membership_file"),
    path(
        f"{MEMBER}adhesion/<int:pk>/autorisation/",
        memberships.authorisation_file,
        name="authorisation_file",
    ),
    path(
        f"{MEMBER}adhesion/<int:pk>/documents/<slug:which>/",
        memberships.membership_document,
        name="membership_document",
    ),
    path(f"{MEMBER}comptes/", accounts.account_list, name="account_list"),
    path(f"{MEMBER}comptes/ouvrir/", accounts.account_ask, name="account_ask"),
    path(f"{MEMBER}comptes/inscrire/", accounts.account_record, name="account_record"),
    path(f"{MEMBER}comptes/gestionnaire/", accounts.manager_name, name="manager_name"),
    path(f"{MEMBER}comptes/<int:pk>/fermeture/", accounts.account_close, name="account_close"),
    path(f"{MEMBER}acces/", accesses.access_list, name="access_list"),
    path(f"{MEMBER}acces/inscrire/", accesses.access_record, name="access_record"),
    path(f"{MEMBER}acces/<int:pk>/", accesses.access_detail, name="access_detail"),
    path(f"{MEMBER}acces/<int:pk>/accord/", accesses.access_grant, name="access_grant"),
    path(f"{MEMBER}acces/<int:pk>/retrait/", accesses.access_revoke, name="access_revoke"),
    path(f"{MEMBER}acces/<int:pk>/maintien/", accesses.access_keep, name="access_keep"),
    path(f"{MEMBER}messages/", messages.message_list, name="message_list"),
    path(f"{MEMBER}messages/ecrire/", messages.message_write, name="message_write"),
    path(f"{MEMBER}messages/<int:pk>/", messages.message_detail, name="message_detail"),
    path(f"{MEMBER}messages/<int:pk>/traite/", messages.message_handle, name="message_handle"),
    path(f"{MEMBER}messages/<int:pk>/vu/", messages.message_seen, name="message_seen"),
    path(f"{ROLE}ecrire/", messages.writer_authorise, name="writer_authorise"),
    path(f"{MEMBER}autorisations/<int:pk>/retrait/", messages.writer_end, name="writer_end"),
    path(f"{MEMBER}centres-de-couts/", cost_centres.cost_centre_list, name="cost_centre_list"),
    path(
        f"{MEMBER}centres-de-couts/ajouter/",
        cost_centres.cost_centre_add,
        name="cost_centre_add",
    ),
    path(
        f"{MEMBER}centres-de-couts/<int:pk>/",
        cost_centres.cost_centre_rename,
        name="cost_centre_rename",
    ),
    path(
        f"{MEMBER}centres-de-couts/<int:pk>/retrait/",
        cost_centres.cost_centre_retire,
        name="cost_centre_retire",
    ),
    path(
        f"{MEMBER}centres-de-couts/<int:pk>/remise/",
        cost_centres.cost_centre_restore,
        name="cost_centre_restore",
    ),
    *plan_patterns,
    path(f"{MEMBER}journal/", journal.member_journal, name="member_journal"),
    path(f"{MEMBER}personnes/<int:pk>/acces/", explanations.person_access, name="person_access"),
]
own_pages = [
    path("mon-compte/", me.my_account, name="my_account"),
    path("mon-compte/nom/", me.my_name, name="my_name"),
    path("mon-compte/absence/", absences.my_absence, name="my_absence"),
    path("mon-compte/absence/<int:pk>/fin/", absences.my_absence_end, name="my_absence_end"),
    path("invitation/<str:token>/", invitations.invitation_accept, name="invitation_accept"),
    path("acces/<slug:kind>/<int:pk>/", explanations.access_explain, name="access_explain"),
    path("roles/", explanations.role_table, name="role_table"),
]
staff_pages = [
    path("itq/organismes/", staff.staff_organisation_list, name="staff_organisation_list"),
    path(
        "itq/organismes/inscrire/",
        staff.staff_organisation_create,
        name="staff_organisation_create",
    ),
    path(
        "itq/organismes/<slug:member>/",
        staff.staff_organisation_detail,
        name="staff_organisation_detail",
    ),
    path(
        "itq/organismes/<slug:member>/subdivisions/",
        staff.staff_subdivision_add,
        name="staff_subdivision_add",
    ),
    path(
        "itq/organismes/<slug:member>/interlocuteur/",
        staff.staff_interlocutor_designate,
        name="staff_interlocutor_designate",
    ),
    path("itq/adhesions/", memberships.staff_membership_list, name="staff_membership_list"),
    path(
        "itq/adhesions/<int:pk>/confirmation/",
        memberships.membership_confirm,
        name="membership_confirm",
    ),
    path(
        "itq/adhesions/<int:pk>/autorisation/",
        memberships.authorisation_confirm,
        name="authorisation_confirm",
    ),
    path(
        "itq/adhesions/<int:pk>/dispense/",
        memberships.authorisation_waive,
        name="authorisation_waive",
    ),
    path("itq/comptes/", accounts.staff_account_list, name="staff_account_list"),
    path("itq/comptes/<int:pk>/confirmation/", accounts.account_confirm, name="account_confirm"),
    path("itq/messages/", messages.staff_message_list, name="staff_message_list"),
    path("itq/messages/ecrire/", messages.staff_message_write, name="staff_message_write"),
    path("itq/messages/<int:pk>/", messages.staff_message_detail, name="staff_message_detail"),
    path(
        "itq/messages/<int:pk>/traite/",
        messages.staff_message_handle,
        name="staff_message_handle",
    ),
    path("itq/journal/", journal.staff_journal, name="staff_journal"),
    path("itq/personnel/", staff.staff_list, name="staff_list"),
    path("itq/personnel/nommer/", staff.staff_appoint, name="staff_appoint"),
    path("itq/personnel/<int:pk>/fin/", staff.staff_end, name="staff_end"),
    path("itq/seconds-facteurs/", staff.factor_reset_list, name="factor_reset_list"),
    path(
        "itq/seconds-facteurs/<int:pk>/levee/",
        staff.factor_reset_complete,
        name="factor_reset_complete",
    ),
]
demonstration_pages = [
    path("demonstration/", demonstration.demonstration, name="demonstration"),
    path(
        "demonstration/courriels/<str:name>/",
        demonstration.demonstration_mail,
        name="demonstration_mail",
    ),
]
urlpatterns: list[URLPattern] = [
    *member_pages,
    *own_pages,
    *staff_pages,
    *console_patterns,
    *demonstration_pages,  # each answers 404 outside the demonstration (D-55)
]
