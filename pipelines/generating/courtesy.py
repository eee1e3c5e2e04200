"""Sentences that state nothing: greetings, thanks, sympathy and harmless questions need no source."""

from __future__ import annotations

import re
from collections.abc import Set

from pipelines.drafting.facts import facts
from pipelines.drafting.promises import commitments
from pipelines.text import fold, terms

LONGEST = 110
LONGEST_QUESTION = 180

_WORDS = """
    bonjour bonsoir salut merci avec plaisir bien sur volontiers entendu parfait oui non rassurez rassure
    vous desole desolee desoles excuses excuser excusez presentons comprends comprenons comprendre
    inquietude agacement frustration deception situation attente souci contretemps gene desagrement
    patience message retour question demande aide aider accueillir ravi ravis ravie bonne belle journee
    soiree fin cordialement bientot disposition reste restons hesitez besoin regrettons vraiment
    sincerement toutes nos mes notre voici effet tout cela genant ennuyeux frustrant nouvelle informations
    precisions moment confiance fidelite hello hi hey dear good morning afternoon evening thank thanks
    thankful sorry apologise apologize apologies apology understand understandable frustration frustrating
    inconvenience worry worries concern concerned trouble message question help helping happy glad
    pleasure certainly course sure absolutely yes no indeed great day nice kind regards best welcome
    reaching contacting hesitate let know anything else need truly really very situation annoying
    disappointing patience reach writing news hear hola buenos buenas dias tardes noches gracias siento
    lamento lamentamos sentimos disculpe disculpa disculpas perdone entiendo entendemos comprendo
    comprendemos preocupacion molestia molestias frustracion inconveniente situacion mensaje pregunta
    consulta ayuda ayudar ayudarle ayudarte encantado encantada claro supuesto si no desde luego buen
    buena dia tarde saludo saludos cordial disposicion quedo quedamos dude dudes duda necesita necesitas
    mucho muchas tranquilo tranquila paciencia noticia vaya esperamos feliz
"""
_COURTEOUS = frozenset(_WORDS.split())
_SECRET = re.compile(
    r"\bcvv\b|\bcvc\b|cryptogramme|\bcsc\b|mot de passe|password|passcode|contrasena|\bpin\b|\biban\b|\brib\b"
    r"|code (?:secret|confidentiel|de securite|bancaire|recu|sms)|security code"
    r"|codigo (?:secreto|de seguridad|sms)"
    r"|(?:numero|numeros) (?:de|de la|de votre|de ta|de su|de tu) (?:carte|tarjeta)|card (?:number|details)"
    r"|coordonnees bancaires|bank (?:details|account)|datos bancarios|cuenta bancaria|carte bancaire"
    r"|one-time code|verification code|codigo de verificacion|code de verification"
    r"|social security|securite sociale"
)


def is_courtesy(text: str, lang: str, known: Set[str]) -> bool:
    """Whether a sentence is polite and nothing else.

    Args:
        known: folded words of the thread, the first name and the like, which may be taken up.

    Example:
        >>> is_courtesy("Je comprends votre inquiétude.", "fr", set())
        True
        >>> is_courtesy("Votre colis est perdu.", "fr", {"colis"})
        False
    """
    if len(text) > LONGEST or facts(text) or commitments(text):
        return False
    words = re.findall(r"[^\W\d_]+", fold(text))
    rest = [word for word in words if word not in _COURTEOUS and terms(word, lang)]
    return any(word in _COURTEOUS for word in words) and all(word in known for word in rest)


def is_question(text: str, known: Set[str]) -> bool:
    """Whether a sentence only asks, and asks for nothing secret.

    Args:
        known: facts that the sources, the thread or the context hold.

    Example:
        >>> is_question("Pouvez-vous me donner votre numéro de commande ?", set())
        True
        >>> is_question("Saviez-vous que le retour est gratuit ?", set())
        False
    """
    asks = text.rstrip(" »\"')").endswith("?") and text.count(".") == 0
    return asks and len(text) <= LONGEST_QUESTION and not facts(text) - known and not commitments(text)


def asks_secret(text: str) -> bool:
    """Whether a sentence asks for, or speaks of sending, a password, a card or a code.

    Example:
        >>> asks_secret("Envoyez-moi votre numéro de carte."), asks_secret("Envoyez-moi une photo.")
        (True, False)
    """
    return bool(_SECRET.search(fold(text)))
