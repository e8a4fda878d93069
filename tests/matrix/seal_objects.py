"""A sealed derogation at each place."""

from typing import Any

from django.db.models import Model

from derogations.kinds import DerogationState
from derogations.models import Seal
from members.models import Branch
from portal.clock import database_clock
from portal.files import store
from tests.derogations.factories import DerogationFactory, ReexaminationFactory, SealFactory


def seal_kinds() -> dict[str, Any]:
    """A builder for the register's line and its two files, and for a signature to look at again."""

    def seal(branch: Branch, mark: str) -> Seal:
        derogation = DerogationFactory(branch=branch, frozen=True, state=DerogationState.SIGNED)
        pdf = store(f"%PDF scellé {mark}".encode(), name="d.pdf", content_type="application/pdf")
        proof = store(f"PK {mark}".encode(), name="p.zip", content_type="application/zip")
        return SealFactory(
            version=derogation.version, file=pdf, evidence=proof, sealed_at=database_clock()
        )

    def sealed(branch: Branch, mark: str) -> Model:
        return seal(branch, mark).version.derogation

    def flagged(branch: Branch, mark: str) -> Model:
        derogation = DerogationFactory(branch=branch, frozen=True, state=DerogationState.EXHAUSTED)
        ReexaminationFactory(signature__version=derogation.version)
        return derogation

    return {"derogation_sealed": sealed, "derogation_flagged": flagged, "seal": seal}
