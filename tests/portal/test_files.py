"""Private files: stored once, whole or not at all, proven when read, served as attachments."""

import errno
import os
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from portal import files
from portal.files import NoRoom, attachment, path_of, read, store
from portal.models import StoredFile

pytestmark = pytest.mark.django_db


def stored(content=b"%PDF bon", name="bon.pdf"):
    return store(content, name=name, content_type="application/pdf")


def left_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_same_bytes_are_kept_once_whatever_their_name(data_dir):
    first, second = stored(), stored(name="copie.pdf")
    assert first.pk == second.pk
    assert (first.name, first.size) == ("bon.pdf", 8)
    assert left_in(data_dir) == [path_of(first.sha256)]
    assert read(first) == b"%PDF bon"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_neither_row_nor_bytes(data_dir, monkeypatch, step):
    def refuse(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, step, refuse)
    with pytest.raises(NoRoom, match="espace manque"):
        stored()
    assert left_in(data_dir) == []
    assert not StoredFile.objects.exists()


def test_an_interruption_leaves_no_half_file(data_dir, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        stored()
    assert left_in(data_dir) == []


def test_bytes_changed_on_the_disk_are_not_given():
    file = stored()
    os.chmod(path_of(file.sha256), 0o600)
    path_of(file.sha256).write_bytes(b"%PDF autre")
    with pytest.raises(ValueError, match="altered"):
        read(file)


def test_a_file_is_kept_from_other_accounts_of_the_machine():
    assert path_of(stored().sha256).stat().st_mode & 0o077 == 0


def test_an_attachment_never_opens_in_the_portal_s_own_origin():
    answer = attachment(store(b"<script>", name="page.html", content_type="text/html"))
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"".join(answer.streaming_content) == b"<script>"
    answer.close()


def test_a_package_is_received_on_the_data_s_disk_and_not_in_memory(rf, settings):
    large = SimpleUploadedFile("factures.zip", b"x" * (settings.FILE_UPLOAD_MAX_MEMORY_SIZE + 1))
    with rf.post("/", {"file": large}).FILES["file"] as received:
        place = Path(received.temporary_file_path())
        assert place.is_relative_to(os.environ["DATA_DIR"])
    assert not place.exists()


def test_the_folder_of_uploads_is_made_at_the_start(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "new" / "uploads"
    apps.get_app_config("portal").ready()
    assert settings.FILE_UPLOAD_TEMP_DIR.is_dir()


def test_a_start_without_right_to_the_data_goes_on(settings, tmp_path):
    (tmp_path / "file").touch()
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "file" / "uploads"
    apps.get_app_config("portal").ready()
