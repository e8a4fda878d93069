"""How every form is drawn, and how an action's refusal is shown on its fields."""

from typing import TYPE_CHECKING

from django.forms.renderers import TemplatesSetting

if TYPE_CHECKING:
    from django.core.exceptions import ValidationError
    from django.forms import BaseForm


class PortalFormRenderer(TemplatesSetting):
    """Labels, hints, errors and required marks come from ``templates/components/field.html``."""

    field_template_name = "components/field.html"


def show_refusal(form: "BaseForm", error: "ValidationError") -> None:
    """Put an action's sentences on the fields that they name; the others stand above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, sentences in error.message_dict.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)
