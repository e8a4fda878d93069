"""A list's pages: how many rows match, and which of them stand on the one asked for; a table."""

import pytest
from django.template import Context
from django.template.loader import get_template
from django.test import RequestFactory

from portal.lists import PAGE_SIZE, Column, ListDefinition, Listing
from portal.models import StoredFile
from tests.portal.factories import StoredFileFactory

pytestmark = pytest.mark.django_db
FILES = ListDefinition(
    name="fichiers",
    columns=(Column("nom", "Nom", lambda row: row.name, ("name",)),),
    search=("name",),
    default_sort="nom",
)


def listed(**asked):
    return Listing(RequestFactory().get("/", asked), FILES, StoredFile.objects.all())


@pytest.fixture
def many():
    """More files than a page holds that say « facture », fewer that say « annexe »."""
    for n in range(PAGE_SIZE + 7):
        StoredFileFactory(name=f"facture-{n:03}.pdf")
    for n in range(3):
        StoredFileFactory(name=f"annexe-{n}.pdf")


@pytest.mark.parametrize(
    ("asked", "count", "first", "shown"),
    [
        ({}, PAGE_SIZE + 10, "annexe-0.pdf", PAGE_SIZE),
        ({"q": "FACTURE"}, PAGE_SIZE + 7, "facture-000.pdf", PAGE_SIZE),
        ({"q": "facture", "page": "2"}, PAGE_SIZE + 7, f"facture-{PAGE_SIZE:03}.pdf", 7),
        ({"q": "facture", "page": "99"}, PAGE_SIZE + 7, f"facture-{PAGE_SIZE:03}.pdf", 7),
        (
            {"q": "facture", "tri": "-nom"},
            PAGE_SIZE + 7,
            f"facture-{PAGE_SIZE + 6:03}.pdf",
            PAGE_SIZE,
        ),
        ({"q": "annexe"}, 3, "annexe-0.pdf", 3),
    ],
)
def test_what_is_found_is_counted_whole_and_shown_by_pages(many, asked, count, first, shown):
    found = listed(**asked)
    assert found.count == count
    assert found.page.has_other_pages() == (count > PAGE_SIZE)
    rows = list(found.page.object_list)
    assert (rows[0].name, len(rows)) == (first, shown)


def test_nothing_found_is_an_empty_page(many):
    found = listed(q="absent")
    assert (found.count, list(found.page.object_list)) == (0, [])


@pytest.mark.parametrize("asked", [{"q": "facture"}, {"q": "facture", "page": "2"}])
def test_a_search_is_read_twice_at_most(many, asked, django_assert_max_num_queries):
    with django_assert_max_num_queries(2 if len(asked) == 1 else 3):
        found = listed(**asked)
        assert found.count > len(list(found.page.object_list))


def test_figures_of_a_plain_table_stand_under_their_heading():
    columns = [{"label": "Poste"}, {"label": "Quantité", "numeric": True}, {"label": "Note"}]
    page = get_template("components/table.html").template.render(
        Context({"id": "t", "caption": "T", "columns": columns, "rows": [["Étuis", 2, "—"]]})
    )
    assert '<th scope="row">Étuis</th><td class="num">2</td><td>—</td>' in page
