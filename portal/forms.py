"""How every form is drawn: the renderer that reads the project's own templates."""

from django.forms.renderers import TemplatesSetting


class PortalFormRenderer(TemplatesSetting):
    """Labels, hints, errors and required marks come from ``templates/components/field.html``."""

    field_template_name = "components/field.html"
