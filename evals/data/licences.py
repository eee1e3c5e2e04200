"""What the licence of a set allows: training what ships, measuring alone, or nothing until someone looked."""

from __future__ import annotations

from pipelines.errors import DataError

TRAINABLE = frozenset(
    {
        "Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CC-BY-3.0", "CC-BY-4.0",
        "CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "ODC-By-1.0", "PDDL-1.0", "etalab-2.0",
    }
)  # fmt: skip
"""SPDX names of licences under which what ships may learn from the rows."""

MEASURABLE = frozenset(
    {
        "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC-BY-NC-3.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0",
        "CDLA-Sharing-1.0", "ODbL-1.0",
    }
)  # fmt: skip
"""Share-alike and non-commercial ones: rows of these may measure, never train."""


def check_licence(name: str, licence: object, train: bool = False) -> None:
    """Hold a set's licence against its use.

    Args:
        name: the set's, as the error says it.  train: whether something that ships learns from the rows.

    Raises:
        DataError: the licence is on no list, or is for measuring alone.

    Example:
        >>> check_licence("mine", "CC-BY-4.0", train=True)
        >>> check_licence("mine", "CC-BY-NC-4.0")
    """
    if licence in TRAINABLE or (licence in MEASURABLE and not train):
        return
    if licence in MEASURABLE:
        raise DataError(
            f"{name} is {licence}: what ships may not be trained on it.",
            mend="Only measure with it, and train on another set.",
        )
    told = f"has the licence {licence!r}, which is on no list" if licence else "names no licence"
    raise DataError(
        f"{name} {told} of evals/data/licences.py.",
        mend="Name it by its SPDX name; a new one goes on the list that its terms allow.",
    )


def trains(licence: str) -> bool:
    """Whether what ships may be trained under a licence.

    Example:
        >>> trains("CC-BY-4.0"), trains("CC-BY-SA-4.0")
        (True, False)
    """
    return licence in TRAINABLE
