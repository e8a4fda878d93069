"""What a line never cuts, and what a person typed that stays as typed."""

import pytest
from django.template import Context, Template

from portal.templatetags.typography import typeset


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Rogers : second rang ; vraiment ?", "Rogers~: second rang~; vraiment~?"),
        ("<p>« Téléphone » vient de là !</p>", "<p>«~Téléphone~» vient de là~!</p>"),
        ("<b>9,975 %</b> ou plus", "<b>9,975~%</b> ou plus"),
        ("<p>iPhone, 128 Go ou 512 Mo</p>", "<p>iPhone, 128~Go ou 512~Mo</p>"),
        ("« <a href='/'>Nom</a> »", "«~<a href='/'>Nom</a>~»"),
    ],
)
def test_a_space_before_french_punctuation_does_not_break(written, shown):
    assert typeset(written) == shown.replace("~", "\u00a0")


def test_a_number_is_never_cut_at_its_hyphens_wherever_it_stands():
    link = '<a href="/demandes/D-2026-00005/" title="D-2026-00005">%s</a>, %s.'
    span = '<span class="nowrap">%s</span>'
    numbers = ("D-2026-00005", "C-2026-123456")
    assert typeset(link % numbers) == link % tuple(span % number for number in numbers)


@pytest.mark.parametrize(
    "kept",
    [
        '<input value="Ville : « Garage » ?">',
        "<textarea>Besoin : un étui ; deux</textarea>",
        "<pre>a : b</pre>",
        '<option value="1">Apple iPhone, 128 Go</option>',
        '<option value="D-2026-00005">D-2026-00005, Rogers</option>',
        '<input name="q" value="C-2026-00012">',
        "<pre>C-2026-00012</pre>",
        "le 2026-11-22, facture F-2020-01, règle R-14",
        "à 14:05, https://exemple.test",
    ],
)
def test_what_is_typed_or_copied_is_left_as_it_is(kept):
    assert typeset(kept) == kept


def test_a_page_stays_markup_and_a_text_stays_escaped():
    page = Template("{% load typography %}{% filter typeset %}<b>{{ x }} : oui</b>{% endfilter %}")
    assert page.render(Context({"x": "<i>"})) == "<b>&lt;i&gt;\u00a0: oui</b>"
