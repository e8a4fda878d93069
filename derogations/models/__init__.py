"""The derogations' tables, one aggregate a file."""

from derogations.grants import SigningGrant, SigningGroupGrant
from derogations.models.requests import (
    Annex,
    Attachment,
    CoverageTest,
    Derogation,
    FieldComment,
    Head,
    Message,
    Place,
    ProofRule,
    ProviderForm,
    Reminder,
    ReminderDelay,
    ReplyTemplate,
)
from derogations.models.signing import (
    Challenge,
    PaperSignature,
    Reexamination,
    Refusal,
    RegisterStamp,
    Seal,
    Signature,
    Withdrawal,
)
from derogations.models.versions import Version

__all__ = [
    "Annex",
    "Attachment",
    "Challenge",
    "CoverageTest",
    "Derogation",
    "FieldComment",
    "Head",
    "Message",
    "PaperSignature",
    "Place",
    "ProofRule",
    "ProviderForm",
    "Reexamination",
    "Refusal",
    "RegisterStamp",
    "Reminder",
    "ReminderDelay",
    "ReplyTemplate",
    "Seal",
    "Signature",
    "SigningGrant",
    "SigningGroupGrant",
    "Version",
    "Withdrawal",
]
