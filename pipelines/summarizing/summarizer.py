"""The Haystack component that turns a thread into a hand-over note."""

from __future__ import annotations

from typing import Any

from haystack import component

from pipelines.contracts import LANGS, Lang, Message, SummarySentence
from pipelines.summarizing.language import thread_language
from pipelines.summarizing.sections import Section, SectionWeights, load_weights, summarize_sections


@component
class ThreadSummarizer:
    """Sentences of a thread by section, verbatim, each with the ids of the messages it rests on.

    Example:
        >>> broken = Message(id="m1", role="customer", text="Bonjour, mon four ne chauffe plus")
        >>> note = ThreadSummarizer().run([broken])
        >>> note["sections"]["issue"][0].text, note["sections"]["issue"][0].messages
        ('mon four ne chauffe plus', ['m1'])
    """

    def __init__(self) -> None:
        self._weights: dict[Section, SectionWeights] | None = None

    def warm_up(self) -> None:
        """Read the weights that ship with the package, once."""
        if self._weights is None:
            self._weights = load_weights()
            for lang in LANGS:  # compiles the lexicons and loads the stemmers before the first thread arrives
                summarize_sections([Message(role="customer", text="Panne")], lang, self._weights)

    @component.output_types(sections=dict[str, list[SummarySentence]], lang=str)
    def run(self, thread: list[Message], lang: Lang | None = None) -> dict[str, Any]:
        """Summarise; ``lang`` is a hint for threads too short to tell."""
        self.warm_up()
        assert self._weights is not None
        language = thread_language(thread, lang)
        return {"sections": summarize_sections(thread, language, self._weights), "lang": language}
