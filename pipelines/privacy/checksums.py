"""Check digits of cards, bank accounts and French social-security numbers."""

from __future__ import annotations

import re

IBAN_LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26,
    "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MA": 28, "MC": 27, "MT": 31, "NL": 18, "NO": 15,
    "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26,
}  # fmt: skip
"""Characters of an IBAN by country (ISO 13616 registry)."""


def luhn(number: str) -> bool:
    """Whether the digits of ``number`` pass the check of payment cards (ISO/IEC 7812-1).

    Example:
        >>> luhn("4970 1000 0000 0154"), luhn("4970 1000 0000 0155")
        (True, False)
    """
    digits = [int(c) for c in number if c.isdigit()]
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]
    return len(digits) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def iban(number: str) -> bool:
    """Whether an IBAN has its country's length and passes modulo 97 (ISO 7064).

    Example:
        >>> iban("FR14 2004 1010 0505 0001 3M02 606")
        True
    """
    compact = re.sub(r"[\W_]", "", number).upper()
    if IBAN_LENGTHS.get(compact[:2], len(compact)) != len(compact) or not compact[2:4].isdigit():
        return False
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def social_security(number: str) -> bool:
    """Whether 15 digits are a French social-security number with its key (97 less the number modulo 97).

    Example:
        >>> social_security("2 55 08 14 168 025 38")
        True
    """
    digits = re.sub(r"\s", "", number)
    return len(digits) == 15 and digits.isdigit() and int(digits[-2:]) == 97 - int(digits[:13]) % 97
