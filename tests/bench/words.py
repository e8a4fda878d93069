"""Plausible fictitious names, from the seed's own random numbers."""

import random
from collections.abc import Iterator

GIVEN = (
    *("Amélie", "Béatrice", "Charles", "Denis", "Élise", "François", "Geneviève", "Hugo"),
    *("Isabelle", "Jérôme", "Karine", "Loïc", "Maude", "Noël", "Océane", "Philippe"),
    *("Quentin", "Renée", "Sébastien", "Thérèse", "Ulric", "Véronique", "Xavier", "Yannick"),
)
FAMILY = (
    *("Arsenault", "Bélanger", "Côté", "Dubé", "Émond", "Fortin", "Gagné", "Hébert"),
    *("Isabelle", "Jobin", "Kirouac", "Lévesque", "Morin", "Nadeau", "Ouellet", "Pépin"),
    *("Quirion", "Roy", "Simard", "Théberge", "Usereau", "Vézina", "Winter", "Yelle"),
)
KINDS = ("Ville de", "Municipalité de", "Cégep de", "Centre de services scolaire de", "Office de")
STARTS = ("Val", "Mont", "Pointe", "Lac", "Rivière", "Baie", "Cap", "Anse", "Plaine", "Côte")
MIDDLES = ("aux", "des", "du Grand", "du Petit", "de la Vieille")
ENDS = (
    *("Érables", "Pins", "Brumes", "Loups", "Ormes", "Cèdres", "Renard", "Castor", "Grève"),
    *("Neiges", "Bouleaux", "Huards", "Sables", "Hérons", "Tamaracs", "Épinettes"),
)
FUNCTIONS = ("Technicienne", "Contremaître", "Inspectrice", "Agent", "Conseillère", "Directeur")


def place_names(rng: random.Random) -> Iterator[str]:
    """Names of members, all different, in an order of their own."""
    names = [f"{k} {s} {m} {e}" for k in KINDS for s in STARTS for m in MIDDLES for e in ENDS]
    rng.shuffle(names)
    yield from names


def full_name(rng: random.Random) -> tuple[str, str]:
    """A given name and a family name."""
    return rng.choice(GIVEN), rng.choice(FAMILY)
