"""The accessions of a vocabulary: their form and their check digits.

``mappings/accessions.tsv`` has the forms, from the Bioregistry where it has one.
"""

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = "accessions.tsv"


@dataclass(frozen=True, slots=True)
class Accession:
    """The form of the identifiers of a vocabulary.

    :param pattern: the form of an identifier without its prefix.
    :param check_digit: the method of the last digit, of identifiers of digits alone: ``luhn``,
        ``verhoeff`` or empty.
    """

    pattern: str
    check_digit: str

    def fault(self, local: str) -> str:
        """Return the fault of an identifier without its prefix, or an empty text."""
        if not re.fullmatch(self.pattern, local):
            return f"does not have the form {self.pattern}"
        digits = local.replace("-", "")
        if self.check_digit and digits.isdecimal() and not _CHECKS[self.check_digit](digits):
            return "has a check digit that does not fit the other digits"
        return ""


def read_accessions(folder: Path) -> Mapping[str, Accession]:
    """Return the forms by prefix; none if the folder of the mapping sets has no such file."""
    path = folder / FILE
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["prefix"]: Accession(row["pattern"], row["check_digit"]) for row in rows}


def luhn(digits: str) -> bool:
    """Tell whether the last digit fits the others by the method of Luhn.

    >>> luhn("79927398713"), luhn("79927398731")
    (True, False)
    """
    numbers = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number // 10 + number % 10 for number in numbers) % 10 == 0


def verhoeff(digits: str) -> bool:
    """Tell whether the last digit fits the others by the method of Verhoeff.

    >>> verhoeff("2363"), verhoeff("2336")
    (True, False)
    """
    check = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit)
        for _ in range(place % 8):
            number = _PERMUTATION[number]
        check = _times(check, number)
    return check == 0


_PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _times(one: int, other: int) -> int:
    """Return the product in the group of the symmetries of a pentagon."""
    if one < 5:
        return (one + other) % 5 if other < 5 else 5 + (one + other) % 5
    return 5 + (one - other) % 5 if other < 5 else (one - other) % 5


_CHECKS: Mapping[str, Callable[[str], bool]] = {"luhn": luhn, "verhoeff": verhoeff}
