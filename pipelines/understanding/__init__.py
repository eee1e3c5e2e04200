"""What the customer says: language, intent, entities, and whether there is anything to answer."""

from pipelines.understanding.entities import entities
from pipelines.understanding.intents import IntentModel, IntentPrediction
from pipelines.understanding.language import LanguageGuess, LanguageIdentifier
from pipelines.understanding.requests import is_request

__all__ = ["IntentModel", "IntentPrediction", "LanguageGuess", "LanguageIdentifier", "entities", "is_request"]
