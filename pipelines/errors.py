"""Every failure that Souffleur names.

    SouffleurError
    ├── SettingsError        a setting is missing or out of range
    ├── KnowledgeError       a knowledge folder or file cannot be used
    │   └── IndexLocked      another process is indexing the same store
    ├── StoreError           a store on disk is missing, damaged or of another model or version
    ├── ModelError           an embedding or intent model cannot be built or loaded
    ├── BundleError          a bundle is missing, tampered with or of another version
    ├── DataError            a data file given by the user has a wrong row
    ├── TemplateError        a WhatsApp template breaks a limit
    ├── PromptError          a prompt is missing, was changed, or cannot be rendered
    └── ProviderError        a language model's endpoint failed, or is set up wrongly

Each message says what failed, the offending thing, and the mend. None ever holds a customer's words.
"""

from __future__ import annotations


class SouffleurError(Exception):
    """Base of all; ``mend`` is what the reader can do about it.

    Example:
        >>> str(SouffleurError("The bundle 'b1' is missing.", mend="Run: souffleur bundle"))
        "The bundle 'b1' is missing. Run: souffleur bundle"
    """

    exit_code = 2

    def __init__(self, what: str, mend: str = "") -> None:
        super().__init__(f"{what} {mend}".strip())
        self.what = what
        self.mend = mend


class SettingsError(SouffleurError):
    """A setting is missing or out of range."""


class KnowledgeError(SouffleurError):
    """A knowledge folder or file cannot be used."""


class IndexLocked(KnowledgeError):
    """Another process is writing the same store."""


class StoreError(SouffleurError):
    """A store on disk is missing, damaged, or was made by another model or version."""


class ModelError(SouffleurError):
    """An embedding or intent model cannot be built or loaded."""


class BundleError(SouffleurError):
    """A bundle is missing, tampered with, or was made by another version."""


class DataError(SouffleurError):
    """A data file given by the user has a wrong row, column or encoding."""


class TemplateError(SouffleurError):
    """A WhatsApp template, or its variables, breaks a limit of the platform."""


class PromptError(SouffleurError):
    """A prompt is missing, was changed since it was pinned, or cannot be rendered."""


class ProviderError(SouffleurError):
    """The endpoint of a language model failed or refused, or is set up wrongly."""
