"""The words of the house, each with one meaning, as typed values.

Wire models (what HTTP, the CLI and the page exchange) are Pydantic models that refuse unknown fields and
never repeat an input in an error. Values that only travel between stages are frozen dataclasses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pipelines.sharing import Shared

Lang = Literal["fr", "en", "es"]
"""A language that is served. Others are recognised and answered with silence."""

LANGS: tuple[Lang, ...] = ("fr", "en", "es")

Role = Literal["customer", "agent"]
SuggestionKind = Literal["answer", "answer_next_step", "question"]
SilenceReason = Literal["no_evidence", "low_confidence", "out_of_scope", "unsupported", "not_a_request"]
EntityKind = Literal[
    "order", "email", "phone", "amount", "date", "product", "tracking", "return", "repair", "url"
]

MAX_MESSAGE_CHARS = 20_000
MAX_MESSAGES = 1_000

ShortText = Annotated[str, StringConstraints(max_length=200)]


class Wire(BaseModel):
    """Base of all that is exchanged with the outside: closed, and silent about an input that it refuses."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


class Message(Wire):
    """One turn of a thread.

    Example:
        >>> Message(role="customer", text="bjr mon colis est ou").role
        'customer'
    """

    id: ShortText | None = None
    role: Role
    text: Annotated[str, StringConstraints(max_length=MAX_MESSAGE_CHARS)]
    at: float | None = Field(default=None, description="Unix time in seconds at which the message was sent")


class Channel(Wire):
    """State of the channel: on WhatsApp, free text may only be sent while the 24-hour window is open."""

    window_open: bool | None = None
    last_customer_at: float | None = Field(
        default=None, description="Unix seconds of the last customer message"
    )
    now: float | None = Field(default=None, description="Unix seconds; the clock of the server when absent")
    to: ShortText | None = Field(default=None, description="Phone digits of the customer, for a payload")


class SuggestRequest(Wire):
    """What a client sends to be whispered replies.

    Example:
        >>> SuggestRequest(thread=[Message(role="customer", text="bonjour")]).variants
        3
    """

    thread: Annotated[list[Message], Field(min_length=1, max_length=MAX_MESSAGES)]
    lang: Lang | None = Field(default=None, description="Locale hint; the messages win when they are clear")
    context: dict[ShortText, Annotated[str, StringConstraints(max_length=500)]] = Field(
        default_factory=dict,
        max_length=50,
        description="Known facts: first_name, order_id, delivery_date ...",
    )
    variants: int = Field(default=3, ge=1, le=3)
    channel: Channel = Field(default_factory=Channel)
    thread_id: ShortText | None = Field(
        default=None,
        description="The conversation's id: a newer request of it ends the model's work on this one",
    )


class Citation(Wire):
    """A verbatim span of one passage, on which one sentence of a suggestion rests."""

    sentence: int = Field(description="0-based sentence of the suggestion that rests on it")
    passage_id: str
    document_id: str
    version: str = Field(description="Hash of the document's content")
    title: str
    url: str
    quote: str
    start: int = Field(description="Offset of the quote in the passage text, in characters")
    end: int


class Action(Wire):
    """Something the agent may do along with a reply."""

    kind: Literal["ask", "open_link", "send_template"]
    label: str
    value: str = ""


class Suggestion(Wire):
    """One reply that a person may send as it stands."""

    id: str
    text: str
    lang: Lang
    kind: SuggestionKind
    citations: list[Citation]
    confidence: float = Field(ge=0, le=1)
    actions: list[Action] = Field(default_factory=list)


class Silence(Wire):
    """Why nothing is suggested. Never a text for the customer."""

    reason: SilenceReason
    detail: str


class Intent(Wire):
    """What the customer wants, with a calibrated probability."""

    label: str
    confidence: float = Field(ge=0, le=1)
    out_of_scope: float = Field(ge=0, le=1, description="Probability that the desk does not handle it")


class BundleRef(Wire):
    """Which frozen bundle answered."""

    id: str
    prompts: dict[str, str] = Field(default_factory=dict, description="prompt name -> SHA-256")


class ModelUsage(Wire):
    """What was asked of language models for one answer; null where it is not known, which is not 0."""

    calls: int = Field(ge=0)
    input_tokens: int | None
    output_tokens: int | None
    money: float | None = Field(description="In the currency of the price table")
    currency: str


class Engine(Wire):
    """Who drafted: the extractive composer, or a language model whose sentences were verified.

    Example:
        >>> Engine().name
        'extractive'
    """

    name: Literal["extractive", "llm"] = "extractive"
    model: str | None = None
    fallback: str | None = Field(default=None, description="Why a model that is set up did not draft")
    sentences: int = Field(default=0, ge=0, description="Sentences that the model wrote")
    dropped: dict[str, int] = Field(
        default_factory=dict, description="Those that failed verification, by reason"
    )
    usage: ModelUsage | None = None


class SuggestAnswer(Wire):
    """Suggestions, or silence with its reason; never both, never neither."""

    suggestions: list[Suggestion]
    silence: Silence | None
    intent: Intent | None
    lang: str
    based_on: str | None = Field(description="Id of the last customer message the answer rests on")
    bundle: BundleRef
    timing_ms: dict[str, float]
    engine: Engine = Field(default_factory=Engine)


class SummaryRequest(Wire):
    """A thread to hand over."""

    thread: Annotated[list[Message], Field(min_length=1, max_length=MAX_MESSAGES)]
    lang: Lang | None = None


class SummarySentence(Wire):
    """One sentence of a summary and the ids of the messages it rests on."""

    text: str
    messages: list[str]


class SummaryAnswer(Wire):
    """A hand-over note by sections; an empty section says that the thread shows nothing for it."""

    issue: list[SummarySentence]
    done: list[SummarySentence]
    resolution: list[SummarySentence]
    next_step: list[SummarySentence]
    lang: str
    bundle: BundleRef
    timing_ms: dict[str, float]
    engine: Engine = Field(default_factory=Engine)


class TemplateRequest(Wire):
    """A thread whose window is closed (or about to be), for which an approved template is wanted."""

    thread: list[Message] = Field(default_factory=list, max_length=MAX_MESSAGES)
    intent: ShortText | None = None
    lang: Lang | None = None
    context: dict[ShortText, Annotated[str, StringConstraints(max_length=500)]] = Field(
        default_factory=dict, max_length=50
    )
    channel: Channel = Field(default_factory=Channel)
    limit: int = Field(default=3, ge=1, le=10)


class TemplateChoice(Wire):
    """One approved template, filled as far as the context allows."""

    name: str
    lang: Lang
    category: str
    text: str = Field(description="Rendered body, with missing variables shown as [name]")
    variables: dict[str, str]
    missing: list[str]
    score: float
    payload: dict[str, object] | None = Field(
        description="Cloud API request body; null while a variable is missing"
    )
    problems: list[str] = Field(
        default_factory=list, description="Limits that the filled template would break"
    )


class TemplateAnswer(Wire):
    """Ranked templates, and whether the window makes them necessary."""

    window_open: bool | None
    expires_in_s: float | None
    templates: list[TemplateChoice]
    reason: str | None = Field(description="Why there is none, when there is none")
    lang: str
    bundle: BundleRef
    timing_ms: dict[str, float]


@dataclass(frozen=True, slots=True)
class Document:
    """One article, FAQ entry or macro as it was read.

    Attributes:
        version: SHA-256 of what a reader sees (title, text, language, url), 16 hex digits.
        audience: ``public``, or ``agent`` for internal notes that must never reach a customer.
        kind: ``article`` or ``macro`` (a ready-made reply with ``{{variables}}``).
        ask: for a macro, true when it asks the customer for a missing fact.
    """

    id: str
    title: str
    text: str
    lang: str
    url: str = ""
    category: str = ""
    audience: str = "public"
    updated: str = ""
    kind: str = "article"
    intents: tuple[str, ...] = ()
    ask: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True)
class Passage(Shared):
    """A part of a document small enough to be found and cited.

    Attributes:
        id: ``DOCUMENT#heading-slug``, stable under edits elsewhere (``~2``, ``~3`` ... for further parts of a
            long section).
        sentences: ``(start, end)`` character offsets of the sentences of ``text``.
    """

    id: str
    document_id: str
    version: str
    lang: str
    title: str
    heading: str
    text: str
    url: str = ""
    category: str = ""
    audience: str = "public"
    kind: str = "article"
    intents: tuple[str, ...] = ()
    ask: bool = False
    sentences: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Hit(Shared):
    """A retrieved passage with its scores.

    Attributes:
        score: fused score, comparable between queries (0 when nothing matched).
        lexical: BM25 score.  dense: cosine similarity in [-1, 1].
        learned: cosine in the matcher's space; 0 where there is no matcher.
    """

    passage: Passage
    score: float
    lexical: float
    dense: float
    learned: float = 0.0


@dataclass(frozen=True, slots=True)
class Entity(Shared):
    """A typed span of a message: ``text == message[start:end]``; ``value`` is its normal form."""

    kind: EntityKind
    text: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Understanding(Shared):
    """What was understood of the last customer burst.

    Attributes:
        request: text of the burst.
        query: the text to search with (the burst, plus the thread when it is elliptical).
        lang: ISO code; ``served`` says whether it is one of the served languages.
        is_request: false for greetings, thanks, acknowledgements, emoji and media placeholders alone.
    """

    request: str
    query: str
    lang: str
    served: bool
    intent: Intent | None
    is_request: bool
    entities: tuple[Entity, ...] = ()
    based_on: str | None = None
    intents: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class DraftSentence(Shared):
    """A sentence of a draft; ``citation`` is None only for courtesy and questions, which state no fact."""

    text: str
    citation: Citation | None = None
    factual: bool = True


@dataclass(frozen=True, slots=True)
class Draft(Shared):
    """A reply before verification."""

    kind: SuggestionKind
    sentences: tuple[DraftSentence, ...]
    lang: Lang
    actions: tuple[Action, ...] = ()
    features: Mapping[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The reply as one text."""
        return " ".join(sentence.text for sentence in self.sentences)
