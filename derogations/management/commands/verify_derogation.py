"""``manage.py verify_derogation FILE --root CA.pem``: whether a sealed PDF is ours and whole."""

import logging
import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from derogations.certificate import in_utc
from derogations.queries.seals import stamps_since
from derogations.queries.verification import Entry, entry_of
from derogations.verification import Report, stamp_faults, verify

WITHDRAWN = 3


class Command(BaseCommand):
    """Judges offline; the register is asked too when the database answers."""

    help = "Vérifie un document scellé, hors ligne ; dit s'il est au registre quand la base répond."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--root", type=Path, required=True, help="racine du sceau, PEM")
        parser.add_argument(
            "--timestamp-root", type=Path, help="racine de l'horodatage, PEM ; sinon --root"
        )

    def handle(self, *args: object, **options: object) -> None:
        """Exit 0 when nothing speaks against the file, 1 with each fault otherwise.

        3 when the file is whole and the register says that its signature was taken back since.
        """
        content, root = _read(options["file"]), _read(options["root"])
        stamp_root = _read(options["timestamp_root"]) if options["timestamp_root"] else root
        logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
        logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
        report = verify(content, root, stamp_root)
        if report.faults:
            raise CommandError("refusé : " + " ; ".join(report.faults))
        try:
            entry = _entry(report)
        except Error:
            self.stderr.write(
                "Registre : la base ne répond pas, vérification hors ligne seulement."
            )
            self.stdout.write(_sentence(report))
            return
        stamps = self._stamps(entry, stamp_root)
        self.stdout.write(_sentence(report))
        self.stdout.write(f"état au registre : {entry.state_label}")
        for stamped_at in stamps:
            self.stdout.write(f"registre horodaté le {in_utc(stamped_at)}")
        if entry.withdrawn_at:
            self.stdout.write(f"retirée le {in_utc(entry.withdrawn_at)}")
            sys.exit(WITHDRAWN)

    def _stamps(self, entry: Entry, roots: bytes) -> list[datetime]:
        """When the register was stamped since; raises CommandError where a stamp does not hold."""
        try:
            kept = stamps_since(entry.sha256, entry.sealed_at)
        except OSError:
            self.stderr.write("Timbres du registre : leurs fichiers ne sont pas ici.")
            return []
        if faults := stamp_faults(entry.sha256, [(row.hashes, row.token) for row in kept], roots):
            raise CommandError("refusé : " + " ; ".join(faults))
        return [row.stamped_at for row in kept]


def _entry(report: Report) -> Entry:
    """The register's line of this very file; raises CommandError when it holds none."""
    entry = entry_of(report.token)
    if entry is None or entry.sha256 != report.sha256:
        raise CommandError(f"refusé : empreinte {report.sha256} absente du registre")
    return entry


def _sentence(report: Report) -> str:
    assert report.sealed_at
    return (
        f"valide : {report.number}, scellé par « {report.sealed_by} » le "
        f"{in_utc(report.sealed_at)}\nsha256 {report.sha256}\ncode {report.token}"
    )


def _read(path: object) -> bytes:
    assert isinstance(path, Path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} : {error.strerror}") from error
