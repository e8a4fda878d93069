"""A provider's form: one for each kind, never blank, filled with what the request says (R-14)."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from derogations.actions.attachments import add_attachment
from derogations.actions.settings import set_provider_form
from derogations.form_filling import Unfillable, filled, text_fields
from derogations.kinds import AttachmentKind
from derogations.models import ProviderForm
from derogations.queries.requests import missing_in
from members.roles import StaffRole
from portal.clock import today
from portal.uploads import Upload
from tests.derogations.asking_world import DEVICE, NETWORK
from tests.derogations.factories import ProviderFormFactory
from tests.derogations.pdf_forms import fillable_form, values_in
from tests.members.factories import ProviderFactory, staff_user

pytestmark = pytest.mark.django_db
MAP = {"besoin": "need", "quantite": "quantity", "organisme": "member", "no": "number"}
BLANK = fillable_form(*MAP)


def upload(content: bytes, name: str = "f.pdf") -> Upload:
    return Upload(content, name, "application/pdf")


def entered(provider, kind=NETWORK, **values) -> ProviderForm:
    told = {"upload": upload(BLANK), "since": today(), **values}
    return set_provider_form(provider=provider, kind=kind, by=staff_user(StaffRole.ADMIN), **told)


def join(row, content: bytes, by) -> None:
    add_attachment(derogation=row, kind=AttachmentKind.PROVIDER_FORM, upload=upload(content), by=by)


def test_two_kinds_ask_for_two_filled_forms(asking):
    for kind in (NETWORK, DEVICE):
        ProviderFormFactory(provider=asking.rank.provider, kind=kind)
    row = asking.draft(NETWORK, DEVICE)
    for joined in (0, 1, 2):
        row = type(row).objects.get(pk=row.pk)
        told = [lack.sentence for lack in missing_in(row) if lack.field == "attachments"]
        assert bool(told) is (joined < 2), told
        join(row, b"%%PDF-1.7 rempli %d" % joined, asking.alice)


def test_the_blank_form_is_refused_as_if_filled(asking):
    form = entered(asking.rank.provider)
    row = asking.draft()
    with pytest.raises(ValidationError, match="formulaire vierge"):
        join(row, BLANK, asking.alice)
    join(row, filled(BLANK, {"besoin": "x"}), asking.alice)
    assert row.attachments.get().file_id != form.file_id


def test_the_form_is_downloaded_with_what_the_request_says(asking):
    form = entered(asking.rank.provider, field_map=MAP)
    row = asking.draft(quantity=3)
    client = Client()
    client.force_login(asking.alice, "allauth.account.auth_backends.AuthenticationBackend")
    slug = asking.root.organisation.slug
    url = reverse("derogations:provider_form_filled", args=[slug, row.number, form.pk])
    page = client.get(reverse("derogations:request_detail", args=[slug, row.number]))
    assert url in page.content.decode()
    answer = client.get(url)
    assert answer["Content-Disposition"] == f'attachment; filename="{row.number}-f.pdf"'
    assert values_in(b"".join(answer.streaming_content)) == {
        "besoin": "Joindre la centrale au lac.",
        "quantite": "3",
        "organisme": "Ville du Lac",
        "no": row.number,
    }
    ProviderForm.objects.update(field_map={})
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("content", "field_map", "said"),
    [
        (b"%PDF-1.7 sans champ", {"besoin": "need"}, "PDF à champs"),
        (fillable_form("besoin"), {"absent": "need"}, "Champs inconnus : absent"),
        (fillable_form("besoin"), {"accord": "need"}, "Champs inconnus : accord"),
        (fillable_form("besoin"), {"besoin": "device_model"}, "inconnus : device_model"),
        (fillable_form("besoin"), {"besoin": "beneficiary"}, "inconnus : beneficiary"),
    ],
)
def test_a_map_that_names_nothing_is_refused(content, field_map, said):
    with pytest.raises(ValidationError, match=said):
        entered(ProviderFactory(), upload=upload(content), field_map=field_map)


def test_a_map_is_typed_one_field_a_row():
    client = Client()
    client.force_login(
        staff_user(StaffRole.ADMIN), "allauth.account.auth_backends.AuthenticationBackend"
    )
    url = reverse("derogations:provider_form_new")

    def told(rows: str) -> dict[str, object]:
        pdf = SimpleUploadedFile("f.pdf", fillable_form("a=b"), "application/pdf")
        return {
            "provider": ProviderFactory().pk,
            "kind": NETWORK,
            "since": today(),
            "upload": pdf,
            "field_map": rows,
        }

    assert client.post(url, told("sans signe")).status_code == 422
    assert client.post(url, told("a=b = need\n\n")).status_code == 302
    assert ProviderForm.objects.get().field_map == {"a=b": "need"}


def test_what_is_no_form_is_not_filled():
    for content in (b"", b"%PDF-1.7", b"pas un pdf"):
        with pytest.raises(Unfillable):
            text_fields(content)
    with pytest.raises(Unfillable):
        filled(fillable_form("a"), {"b": "x"})
