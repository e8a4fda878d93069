"""The demonstration's mails, kept as files: parsed for its page (D-55)."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

SHOWN = 100


@dataclass(frozen=True, slots=True)
class KeptMail:
    """One mail as its file tells it."""

    name: str
    subject: str
    to: str
    sent: str
    body: str
    attachments: tuple[str, ...]


def kept_mails(folder: Path) -> list[KeptMail]:
    """The last mails of the folder, newest first; empty when there is none."""
    if not folder.is_dir():
        return []
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [read_mail(path) for path in files[:SHOWN]]


def read_mail(path: Path) -> KeptMail:
    """The mail of one file; Django's file backend ends each with a line of hyphens."""
    content = path.read_bytes().partition(b"\n" + b"-" * 79)[0]
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    written = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    return KeptMail(
        name=path.name,
        subject=str(message["Subject"] or ""),
        to=str(message["To"] or ""),
        sent=f"{written:%Y-%m-%d %H:%M:%S}",
        body=body.get_content() if body else "",
        attachments=tuple(part.get_filename() or "" for part in message.iter_attachments()),
    )
