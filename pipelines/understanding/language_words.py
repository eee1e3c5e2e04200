"""Words that betray a language in short messages: function words, courtesy, and how phones shorten them.

Folded (no accents, lower case). A word shared by several languages weighs less in each.
"""

from __future__ import annotations

from functools import cache

_LISTS = {
    "fr": """le la les un une des du de d l et est es ou je j tu il elle on nous vous ils elles mon ma mes
        ton ta tes son sa ses notre nos votre vos leur leurs ce cet cette ces ca c qui que qu
        quoi quand comment combien pourquoi quel quelle quels quelles pas plus jamais rien ne n
        y en au aux avec sans pour par sur dans chez entre depuis mais donc car si tout tous
        toute toutes tres trop aussi encore toujours deja ici suis sommes etes sont etait etais
        ai as avez avons ont avait avais fait faire faites faut peut peux pouvez puis dois doit
        devez veux voudrais veut bonjour bonsoir salut coucou merci svp stp oui non bien bon
        colis commande recu recue livraison livre facture remboursement paiement retour echange
        garantie panne marche machine toujours aucun aucune nouvelle nouvelles slt bjr bsr cc
        mrc mci merki g jai jsuis chui c'est cest ct pk pq pcq pr pdt tjs tjrs tt ts ds av avc
        mn ma mm qd qq qqn qqch nn jms auj ajd rdv dc vs ns vrmt bcp dsl mdr pb stp svp lv ya
        koi ki kan kel kelle fo jpeux jvoudrais jattends jarrive encor remb cmd ouais ok ok dac
        daccord voila parfait super urgent demain hier lundi mardi mercredi jeudi vendredi
        samedi dimanche semaine mois jours heures""",
    "en": """the a an and or is are am was were be been being i i'm im you u ur he she it its we they my your
        his her our their this that these those who what whats when where which why how not no
        never nothing don't dont doesn't doesnt didn't didnt can't cant won't wont isn't isnt of
        to in on at by for from with without into about after before since until but so because
        if all any some very too also still yet already here there have has had do does did done
        get got gets make made can could will would should may might must want need please pls
        plz thanks thank thx ty hello hi hey yes yeah yep ok sorry good bad parcel package order
        ordered received delivery delivered invoice refund payment return exchange warranty
        broken working works gonna wanna lemme gimme idk btw asap lol omg rn tmrw tomorrow
        yesterday today monday tuesday wednesday thursday friday saturday sunday week weeks
        month days hours anyone someone just only much many more less than then now out up down
        off""",
    "es": """el la los las un una unos unas lo de del al y e o u es son era fue soy eres somos estoy esta
        estan estamos yo tu usted ustedes nosotros ellos mi mis tu tus su sus nuestro este esta
        esto estos estas ese esa eso quien que cual cuales cuando como donde cuanto cuanta
        cuantos cuantas por porque pero si no ni nunca nada con sin para sobre entre desde hasta
        muy mas menos tambien aun todavia ya aqui ahi hay he has ha hemos han habia hace hacer
        puedo puede pueden podeis quiero quiere queria necesito tengo tiene tienen me te se nos
        os le les hola buenas buenos dias tardes noches gracias porfa porfavor favor vale bueno
        bien pedido paquete envio factura reembolso pago devolver devolucion cambio garantia
        roto rota funciona llego llega llegado recibido recibi xq pq xa tb tmb tbn q k xfa
        xfavor dnd cdo toy ola grax grcs aki finde movil manana ayer hoy lunes martes miercoles
        jueves viernes sabado domingo semana semanas meses dias horas algun alguna alguien otro
        otra acá aca vos sos tenes podes queres me lo la dinero cuesta valen sale""",
    "de": """der die das den dem des ein eine einen einem einer und oder ist sind war waren bin bist ich du
        er sie es wir ihr mein meine meinen dein ihre unser nicht kein keine nie nichts zu im in
        am an auf aus bei mit nach von vor fur uber unter durch ohne um aber auch noch schon
        sehr nur wenn weil dass wie wann wo warum wer was welche habe hat haben hatte kann
        konnen konnte wird werden wurde muss mochte will bitte danke hallo guten tag ja nein gut
        paket bestellung lieferung rechnung geld zuruck geliefert bestellt leider immer sich
        hier dann heute morgen gestern""",
    "pt": """o a os as um uma uns umas de do da dos das no na nos nas ao aos e ou eu voce voces ele ela nos
        eles meu minha meus minhas seu sua este esta isso isto esse essa que quem qual quando
        como onde quanto porque por para com sem sobre ate mas se nao nunca nada muito mais
        menos tambem ainda ja aqui foi era sao estou esta estao tenho tem temos posso pode
        preciso quero fazer fiz ola oi bom boa dia tarde noite obrigado obrigada sim pedido
        compra comprei livro encomenda entrega recebi chegou essa esses essas pelo pela pelos
        funciona consigo gostaria estava tinha isso pagamento reembolso fatura ajuda vc vcs tb
        pq blz""",
    "it": """il lo la i gli le un uno una di del della dei delle al alla ai da dal nel nella con su per tra
        fra e o ma se che chi cosa quando come dove perche quanto quale non mai niente piu meno
        molto anche ancora gia qui sono sei siamo era ho hai ha abbiamo hanno io tu lui lei noi
        voi mio mia miei tuo suo questo questa quello posso puo vorrei voglio devo le sta stato
        stata come ciao buongiorno buonasera salve grazie prego si pacco ordine consegna fattura
        rimborso pagamento arrivato ricevuto spedizione oggi domani ieri""",
    "nl": """de het een en of is zijn was waren ben bent ik jij je u hij zij ze wij we jullie mijn jouw uw
        zijn haar ons onze deze dit die dat wie wat wanneer waar waarom hoe welke niet geen
        nooit niets van voor naar op aan in uit bij met om te door over onder maar ook nog al
        heel erg als omdat heb hebt heeft hebben had kan kunnen wil moet graag hallo hoi dag
        dank bedankt alsjeblieft ja nee goed pakket bestelling levering factuur geld terug
        ontvangen vandaag morgen gisteren""",
    "ar": "",
}

_MARKS = {"fr": "çœêèâîôùëàû", "es": "ñ¿¡", "pt": "ãõ", "de": "ßäö", "it": "ìò", "en": "", "nl": "", "ar": ""}


@cache
def word_evidence() -> dict[str, tuple[str, ...]]:
    """``{word: languages that use it}``."""
    found: dict[str, list[str]] = {}
    for lang, text in _LISTS.items():
        for word in set(text.split()):
            found.setdefault(word, []).append(lang)
    return {word: tuple(langs) for word, langs in found.items()}


def mark_evidence(text: str) -> dict[str, int]:
    """Letters and signs of ``text`` that belong to one language, counted.

    Example:
        >>> mark_evidence("¿mañana?")
        {'es': 2}
    """
    lowered = text.lower()
    counts = {lang: sum(lowered.count(mark) for mark in marks) for lang, marks in _MARKS.items() if marks}
    return {lang: count for lang, count in counts.items() if count}
