"""The places that a text names: countries beside France, islands and cities, in three languages.

France itself is no place here: a sentence that speaks of it may well be the answer to somebody elsewhere.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pipelines.text import fold

_NAMES = {
    "belgium": "belgique|belgium|belgica|bruxelles|brussels|bruselas|liege|namur|charleroi|mons",
    "luxembourg": "luxembourg|luxemburgo",
    "spain": "espagne|spain|espana|peninsul\\w*|madrid|barcelon[ae]|zaragoza|saragosse|seville|sevilla"
    "|bilbao|malaga|murcia|girona|gerona|granada|alicante|valladolid|vigo|pamplona|valencia|santander|cordoba"
    "|toledo|salamanca|burgos|tarragona|castellon|almeria|cadiz|huelva|logrono|oviedo|gijon|donostia|vitoria"
    "|badajoz|caceres|albacete|elche",
    "portugal": "portugal|lisbonne|lisbon|lisboa|oporto",
    "ulster": "belfast|newry|northern ireland|irlande du nord|irlanda del norte",
    "ireland": "irlande|ireland|irlanda|dublin|galway|limerick",
    "uk": "royaume-uni|united kingdom|uk|angleterre|england|inglaterra|reino unido|ecosse|scotland|escocia"
    "|wales|londres|london|manchester",
    "switzerland": "suisse|switzerland|suiza|geneve|geneva|ginebra|lausanne|zurich|bale|berne",
    "germany": "allemagne|germany|alemania|berlin|munich|hambourg|hamburg|cologne|francfort|frankfurt",
    "italy": "italie|italy|italia|milan|turin|naples|florence",
    "netherlands": "pays-bas|netherlands|paises bajos|hollande|holland|holanda|amsterdam|rotterdam",
    "andorra": "andorre|andorra", "monaco": "monaco", "austria": "autriche|austria|vienne",
    "poland": "pologne|poland|polonia", "denmark": "danemark|denmark|dinamarca",
    "sweden": "suede|sweden|suecia", "norway": "norvege|norway|noruega", "greece": "grece|greece|grecia",
    "romania": "roumanie|romania|rumania", "usa": "etats-unis|united states|usa|estados unidos|new york",
    "canada": "canada|quebec|montreal", "morocco": "maroc|morocco|marruecos",
    "algeria": "algerie|algeria|argelia", "tunisia": "tunisie|tunisia|tunez", "mexico": "mexique|mexico",
    "argentina": "argentine|argentina",
    "corsica": "corse|corsica|corcega|ajaccio|bastia|propriano|porto-vecchio|calvi",
    "balearics": "baleares?|balearic|mallorca|majorque|majorca|menorca|minorque|ibiza|formentera",
    "canaries": "canaries|canary|canarias|tenerife|gran canaria|las palmas|lanzarote|fuerteventura",
    "ceuta": "ceuta", "melilla": "melilla",
    "overseas": "outre-mer|overseas departments?|ultramar|guadeloupe|guadalupe|martini(?:que|ca)"
    "|(?:la )?reunion(?= island)|la reunion|guyane|guayana|mayotte",
    "paris": "paris", "lyon": "lyon", "nantes": "nantes", "lille": "lille", "bordeaux": "bordeaux|burdeos",
}  # fmt: skip
HOME = frozenset({"paris", "lyon", "nantes", "lille", "bordeaux"})
"""Cities of France: an answer for the whole country is one for them."""

_BOTH = {"ulster": ("ulster", "uk")}
"""What is true of the whole is true of the part; what is true of Ireland is not."""
_CLOCK = re.compile(r"heure de paris|paris time|hora de paris")
_EACH = "|".join(f"(?P<{key}>{names})" for key, names in _NAMES.items())
_PLACE = re.compile(rf"(?<![\w-])(?:{_EACH})(?![\w-])")
_ABROAD = re.compile(
    r"etranger|autres? (?:pays|villes?)|hors de france|pays (?:voisins|livres)|europe|abroad"
    r"|outside (?:of )?france|other (?:countr|cit)|neighbouring countries|countr(?:y|ies) we|extranjero"
    r"|otros paises|fuera de francia|paises (?:vecinos|a los)|resto de|continent|metropol"
)


@lru_cache(maxsize=4_096)
def places(text: str) -> frozenset[str]:
    """The places named, a city as its country unless it is one of France.

    Example:
        >>> sorted(places("Combien pour Bruxelles ou pour la Corse ?"))
        ['belgium', 'corsica']
    """
    found = [str(match.lastgroup) for match in _PLACE.finditer(_CLOCK.sub(" ", fold(text)))]
    return frozenset(place for name in found for place in _BOTH.get(name, (name,)))


def speaks_of_abroad(text: str) -> bool:
    """Whether a text is of other countries or cities in general, whichever they are.

    Example:
        >>> speaks_of_abroad("Pas d'express vers l'étranger.")
        True
    """
    return bool(_ABROAD.search(fold(text)))
