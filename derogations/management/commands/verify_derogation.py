"""``manage.py verify_derogation FILE --root CA.pem``: whether a sealed PDF is ours and whole."""

import hashlib
import logging
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from derogations.certificate import in_utc
from derogations.models import Seal
from derogations.verification import Report, verify


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
        """Exit 0 when nothing speaks against the file, 1 with each fault otherwise."""
        content, root = _read(options["file"]), _read(options["root"])
        stamp_root = _read(options["timestamp_root"]) if options["timestamp_root"] else root
        logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
        logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
        report = verify(content, root, stamp_root)
        faults = [*report.faults, *self._register_faults(content)]
        if faults:
            raise CommandError("refusé : " + " ; ".join(faults))
        self.stdout.write(_sentence(report))

    def _register_faults(self, content: bytes) -> list[str]:
        """What the register says; nothing, and a word of it, without a database."""
        sha256 = hashlib.sha256(content).hexdigest()
        try:
            known = Seal.objects.filter(file__sha256=sha256).exists()
        except Error:
            self.stderr.write(
                "Registre : la base ne répond pas, vérification hors ligne seulement."
            )
            return []
        return [] if known else [f"empreinte {sha256} absente du registre"]


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
