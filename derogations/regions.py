"""Québec's administrative regions, in the order of their official numbers."""

REGIONS = (
    *("Bas-Saint-Laurent", "Saguenay–Lac-Saint-Jean", "Capitale-Nationale", "Mauricie", "Estrie"),
    *("Montréal", "Outaouais", "Abitibi-Témiscamingue", "Côte-Nord", "Nord-du-Québec"),
    *("Gaspésie–Îles-de-la-Madeleine", "Chaudière-Appalaches", "Laval", "Lanaudière"),
    *("Laurentides", "Montérégie", "Centre-du-Québec"),
)
"""Seventeen names; a place of a request is in one of them."""
