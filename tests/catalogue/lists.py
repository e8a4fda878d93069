"""Providers' lists as files, made of rows that one changes at will."""

import csv
import io

COLUMNS = [
    *("Genre", "Code du prestataire", "Nom", "Libellé de facture (français)"),
    *("Libellé de facture (anglais)", "Prix unique", "Prix mensuel", "À coût nul"),
    *("Subventionné", "Forfait flexible", "Paliers comptés", "Paliers"),
    *("Prix du Go supplémentaire", "Offert du", "Offert jusqu'au"),
]
PHONE = {
    "Genre": "appareil",
    "Code du prestataire": "P1",
    "Nom": "Téléphone",
    "Libellé de facture (français)": "TEL",
    "Libellé de facture (anglais)": "PHONE",
    "Prix unique": "0,00",
    "À coût nul": "oui",
    "Subventionné": "oui",
}
FLEXIBLE = {
    **PHONE,
    "Genre": "forfait",
    "Code du prestataire": "F1",
    "Nom": "Forfait flexible",
    "Prix mensuel": "14,00",
    "À coût nul": "",
    "Subventionné": "",
    "Forfait flexible": "oui",
    "Paliers comptés": "par ligne",
    "Paliers": "5 = 0 | 10000 = 900,00",
    "Prix du Go supplémentaire": "1,50",
}


def price_list(*rows):
    """The CSV bytes of a list."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=";", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
