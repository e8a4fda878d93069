"""A clean month of each shipped layout is published to the cent."""

import pytest

from billing.kinds import ImportState
from billing.models import Charge
from tests.billing.imports.world import sent, specimen

CHARGES = {
    "telus_text_bill": "individual_detail",
    "telus_iq_invoice": "invoice_report",
    "rogers_charges_breakdown": "charges",
    "rogers_current_charges": "current_charges",
    "rogers_wireless_zip": "wireless",
}


@pytest.mark.parametrize(("profile", "part"), CHARGES.items())
def test_what_is_published_is_what_the_file_says(world, tmp_path, profile, part):
    told = specimen(tmp_path / f"{profile}.csv", profile)
    (one,) = sent(world, told.path)
    assert (one.state, one.refusal) in [
        (ImportState.PUBLISHED, ""),
        (ImportState.PREPARED, ""),
    ]
    rows = told.rows[part]
    kept = Charge.objects.filter(storage_id=one.storage_id, import_id=one.pk)
    assert kept.count() == rows.height
    assert sum(row.amount for row in kept) == rows["amount"].sum()
