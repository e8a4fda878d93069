"""Someone who has no row yet, as an act receives them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Names, and the e-mail to which an invitation would go."""

    given_name: str
    family_name: str
    email: str
    function: str = ""
