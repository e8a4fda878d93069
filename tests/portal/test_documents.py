"""A document: tagged, from bundled assets only, made in a child without secrets, with limits."""

import io
import socket
import sys

import pikepdf
import pytest
from django.urls import reverse

from members.roles import Role, StaffRole
from portal import documents
from portal.documents import RenderFailed, render_pdf, require_renderer
from portal.queue import TryLater
from tests.members.factories import OrganisationFactory, respondent_user, staff_user

PAGE = "<html lang='fr'><title>Bon</title><body><h1>Commande</h1>{}</body></html>"


@pytest.fixture
def page(monkeypatch):
    """Render what is given as the page's body."""

    def render(body=""):
        monkeypatch.setattr(documents, "render_to_string", lambda *args: PAGE.format(body))
        return render_pdf("documents/x.html", {})

    return render


def test_a_document_is_tagged_and_says_its_language(page):
    with pikepdf.open(io.BytesIO(page("<p>Éric</p>"))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.Lang == "fr"
        assert "/StructTreeRoot" in pdf.Root
        assert "pdfuaid" in str(pdf.open_metadata())


def test_no_address_outside_is_asked(page):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        page(f"<img src='{address}'><link rel='stylesheet' href='{address}'>")
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.parametrize("address", ["file:///etc/hostname", "static:../pyproject.toml"])
def test_no_file_outside_the_assets_is_read(page, address):
    attached = page(f"<a rel='attachment' href='{address}'>x</a>")
    with pikepdf.open(io.BytesIO(attached)) as pdf:
        assert not pdf.attachments


def test_a_document_that_lasts_is_killed(page, monkeypatch):
    monkeypatch.setattr(documents, "RENDER_SECONDS", 1)
    with pytest.raises(RenderFailed, match="more than 1 s"):
        page("<div style='display:flex'>" * 14)


def test_a_document_that_swells_is_stopped(page):
    with pytest.raises(RenderFailed, match="MemoryError"):
        page("<table><tr><td colspan='100000000'>x</td></tr></table>")


def test_the_child_is_told_no_secret(page, monkeypatch, tmp_path):
    child = tmp_path / "child"
    child.write_text("#!/bin/sh\nenv >&2\nexit 1\n")
    child.chmod(0o700)
    monkeypatch.setenv("SECRET_KEY", "a-secret-told-to-nobody")
    monkeypatch.setattr(documents.sys, "executable", str(child))
    with pytest.raises(RenderFailed) as told:
        page()
    assert "PATH=" in str(told.value)
    assert "a-secret-told-to-nobody" not in str(told.value)
    assert "DATABASE" not in str(told.value)
    assert sys.executable == str(child)


def test_without_pango_a_document_waits(monkeypatch):
    monkeypatch.setattr(documents.ctypes.util, "find_library", lambda name: None)
    with pytest.raises(TryLater, match="Pango"):
        require_renderer()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("found", "demonstration", "who", "told"),
    [
        (None, True, None, True),
        (None, False, None, False),
        (None, False, StaffRole.AGENT, True),
        (None, False, Role.RCELL, False),
        ("libpango-1.0.so.0", False, StaffRole.AGENT, False),
    ],
)
def test_a_banner_gives_the_command_to_who_can_mend_it(
    client, monkeypatch, settings, found, demonstration, who, told
):
    monkeypatch.setattr(documents, "_seen", False)
    monkeypatch.setattr(documents.ctypes.util, "find_library", lambda name: found)
    settings.DEMONSTRATION = demonstration
    if isinstance(who, StaffRole):
        client.force_login(staff_user(who))
    elif who:
        client.force_login(respondent_user(who, OrganisationFactory().branches.get()))
    page = client.get("/" if who else reverse("account_login")).content.decode()
    assert ("Pango manque" in page) is told
    assert (f"<code>{documents.INSTALL_RENDERER}</code>" in page) is told
