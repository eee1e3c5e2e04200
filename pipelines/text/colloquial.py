"""How people type, turned into what help centres write: shorthand spelled out, everyday words with synonyms.

Two small lexicons a language, about after-sales service in general, not about one brand.
"""

from __future__ import annotations

import re

from pipelines.text.everyday import everyday
from pipelines.text.normal import fold

_SHORTHAND = {
    "fr": """
        bjr=bonjour bsr=bonsoir slt=salut cc=coucou mrc=merci dsl=désolé svp=s'il_vous_plaît
        stp=s'il_te_plaît koi=quoi c=c'est cest=c'est ke=que kel=quel kelle=quelle ki=qui kan=quand qd=quand
        qnd=quand pk=pourquoi pq=pourquoi pkoi=pourquoi cmt=comment coment=comment cmnt=comment
        combi1=combien cb=combien cbn=combien pr=pour pcq=parce_que tjs=toujours tjr=toujours tjrs=toujours
        jms=jamais ms=mais ds=dans dc=donc avc=avec ss=sans qqn=quelqu'un qqch=quelque_chose bcp=beaucoup
        bcq=beaucoup vs=vous ns=nous g=j'ai jai=j'ai ya=il_y_a ya=il_y_a kom=comme tt=tout ts=tous
        rdv=rendez-vous cmd=commande com=commande cde=commande livr=livraison rembt=remboursement
        remb=remboursement tel=téléphone num=numéro nb=nombre dispo=disponible adr=adresse ad=adresse
        mdp=mot_de_passe appart=appartement aprem=après-midi ajd=aujourd'hui auj=aujourd'hui dem=demain
        sem=semaine js=jours recu=reçu resu=reçu envoye=envoyé marche=marche march=marche pb=problème
        prob=problème prblm=problème info=information infos=informations fct=fonctionne ouvr=ouvrés
        mag=magasin magaz=magasin nouvo=nouveau voulé=voulais peu=peux
    """,
    "en": """
        u=you ur=your r=are pls=please plz=please thx=thanks thnx=thanks ty=thanks b4=before gr8=great
        2moro=tomorrow tmrw=tomorrow tmr=tomorrow wen=when wat=what wot=what wheres=where's hv=have
        cant=can't dont=don't doesnt=doesn't didnt=didn't wont=won't im=i'm ive=i've havent=haven't
        info=information acc=account addr=address num=number del=delivery dlvry=delivery recd=received
        rcvd=received msg=message tho=though cos=because cuz=because bc=because asap=quickly wrk=work
        wrkng=working recieve=receive recieved=received recpt=receipt appt=appointment
    """,
    "es": """
        q=que k=que ke=que xq=porque pq=porque porq=porque xfa=por_favor xfavor=por_favor pf=por_favor
        tb=también tmb=también tbn=también d=de bn=bien dnd=donde dde=donde cdo=cuando cuand=cuando
        cnd=cuando cto=cuánto x=por grax=gracias grcs=gracias msj=mensaje pa=para toy=estoy ta=está
        info=información tlf=teléfono tel=teléfono num=número dir=dirección ped=pedido devol=devolución
        hr=hora hrs=horas sta=esta aki=aquí kiero=quiero qiero=quiero resivi=recibí recivi=recibí aser=hacer
        ise=hice
    """,
}

_SYNONYMS = {
    "fr": """
        frigo=réfrigérateur congélo=congélateur clim=climatiseur micro-onde=micro-ondes
        machine_à_laver=lave-linge laveuse=lave-linge sécheuse=sèche-linge lessive=lave-linge
        vaisselle=lave-vaisselle cafetière=café,machine balai=aspirateur tarif=prix,coûte combien=prix,coûte
        coût=prix,coûte cher=prix,coûte frais=prix,coûte gratuit=offert,gratuite offert=gratuit
        payer=coûte,prix colis=commande,livraison paquet=colis,commande recevoir=livraison,livré
        reçu=livraison,livré arrive=livraison,livré arriver=livraison,livré arrivé=livré,reçu
        livré=livraison envoyer=expédier,expédition renvoyer=retour,retourner rendre=retour,retourner
        ramener=retour,retourner reprendre=reprise,retour retourner=retour remboursé=remboursement
        rembourser=remboursement argent=remboursement,rembourser thune=remboursement sous=remboursement
        casser=cassé,endommagé cassé=endommagé,abîmé pété=cassé,endommagé abîmé=endommagé
        cabossé=endommagé,abîmé fêlé=endommagé panne=réparation,fonctionne bug=panne marche=fonctionne
        démarre=démarrage,allume réparer=réparation réparateur=technicien,réparation dépanneur=technicien
        technicien=réparation rdv=rendez-vous,créneau créneau=rendez-vous décaler=déplacer,rendez-vous
        reporter=déplacer,rendez-vous changer=modifier,modification modifier=modification annuler=annulation
        annulation=annuler délai=jours,livraison durée=jours temps=jours,délai longtemps=délai,jours
        quand=délai,jours magasin=showroom boutique=showroom ouvert=horaires,ouverture
        horaire=horaires,ouverture heure=horaires facture=facturation code=code_promo réduction=remise,code
        promo=code,remise remise=réduction,code points=graines fidélité=graines parrainer=parrainage
        mot_de_passe=connexion,compte connecter=connexion,compte données=personnelles supprimer=suppression
        désabonner=newsletter désinscrire=newsletter garantie=garanti,couvert couvert=garantie
        garanti=garantie extension=sérénité pièce=pièces,détachées joint=pièces pile=batterie
        nettoyer=nettoyage,entretien laver=nettoyage détartrer=détartrage,calcaire calcaire=détartrage
        fuit=fuite,eau pue=odeur sent=odeur bruit=bruyant vacarme=bruit étage=étages,ascenseur
        escalier=étages,ascenseur ancien=reprise vieux=ancien,reprise installer=installation
        brancher=installation,branchement humain=conseiller parler=conseiller appeler=téléphone,conseiller
        joindre=contact,téléphone plainte=réclamation plaindre=réclamation réclamation=médiateur
        arnaque=réclamation virement=paiement carte=paiement,bancaire prélevé=débit,paiement
        débité=prélevé,débit refusé=refus,paiement échelonné=fois,PayFlex fois=paiement,PayFlex
        mensualités=fois,PayFlex cadeau=carte rupture=stock dispo=disponible,stock stock=disponible
        précommande=stock étranger=Belgique,Espagne île=Corse,îles domicile=adresse adresse=livraison
        absent=rendez-vous,passage voisin=livré relais=point,retrait point=relais retirer=retrait
    """,
    "en": """
        fridge=refrigerator,fridge-freezer freezer=fridge-freezer washer=washing,machine dryer=tumble,dryer
        vac=vacuum hoover=vacuum much=cost,price price=cost cost=price fee=cost charge=cost free=cost
        parcel=order,delivery package=parcel,delivery arrive=delivery,delivered arrived=delivered
        receive=delivery received=delivered ship=delivery,dispatch shipping=delivery,dispatch
        shipped=dispatched,dispatch send=return,dispatch back=return money=refund refunded=refund
        reimburse=refund broken=damaged,fault smashed=damaged cracked=damaged dented=damaged
        broke=fault,repair dead=fault,repair fix=repair fixed=repair repairman=technician
        engineer=technician reschedule=move,appointment postpone=move,appointment slot=appointment
        change=modify long=days,delay when=days shop=showroom store=showroom open=hours opening=hours
        bill=invoice receipt=invoice voucher=code,gift discount=code coupon=code points=seeds loyalty=seeds
        login=log,account signin=log,account password=account,reset delete=deletion,data
        unsubscribe=newsletter warranty=guarantee guarantee=guaranteed covered=guarantee part=parts,spare
        seal=parts clean=cleaning,wash descale=descaling,limescale limescale=descale leak=leaks,water
        leaking=leak,water smell=odour smells=smell noise=noisy loud=noise upstairs=floor,lift
        stairs=floor,lift old=take-back,recycling install=installation human=adviser,person agent=adviser
        complain=complaint manager=complaint card=payment charged=payment,charged twice=double,charged
        declined=refused refused=declined instalments=PayFlex,times installments=PayFlex,instalments
        klarna=PayFlex stock=available available=stock abroad=countries collect=pick-up,click
        pickup=pick-up,point battery=charge wifi=Wi-Fi
    """,
    "es": """
        nevera=frigorífico heladera=frigorífico refrigeradora=frigorífico refri=frigorífico
        lavarropas=lavadora aspiradora=aspirador celular=teléfono plata=reembolso,dinero dinero=reembolso
        cuánto=precio,cuesta precio=cuesta cuesta=precio coste=precio costo=precio gratis=gratuito
        paquete=pedido,envío paquetería=envío envío=entrega,envío enviar=envío llega=entrega,entregado
        llegar=entrega llegado=entregado,entrega recibir=entrega recibido=entregado,entrega
        devolver=devolución regresar=devolución reembolsar=reembolso devuelven=reembolso
        roto=dañado,averiado rota=dañado,avería quebrado=dañado golpeado=dañado rajado=dañado
        estropeado=avería descompuesto=avería avería=reparación funciona=avería,fallo arreglar=reparación
        arreglo=reparación técnico=reparación cita=franja,visita turno=cita,franja cambiar=modificar,cambio
        anular=cancelar,cancelación cancelar=cancelación tarda=plazo,días tiempo=plazo,días
        cuándo=plazo,días tienda=showroom,tiendas local=tienda horario=horarios,abre abren=horario
        factura=facturas descuento=código cupón=código puntos=semillas contraseña=cuenta,acceso
        clave=contraseña entrar=acceso,cuenta borrar=eliminar,datos baja=boletín,eliminar
        garantía=cubre,garantizado cubre=garantía repuesto=recambio,piezas refacción=recambio,piezas
        pieza=piezas,recambio junta=piezas limpiar=limpieza descalcificar=descalcificación,cal
        cal=descalcificar fuga=agua pierde=fuga,agua huele=olor ruido=ruidoso piso=planta,ascensor
        escalera=planta,ascensor viejo=antiguo,retirada instalar=instalación persona=agente,asesor
        humano=agente,asesor queja=reclamación reclamar=reclamación tarjeta=pago cobrado=cargo,pago
        cobraron=cargo,pago rechazada=rechazado,pago plazos=PayFlex,veces cuotas=PayFlex,plazos
        stock=disponible disponible=stock extranjero=países retirar=recoger,recogida recoger=recogida
        batería=carga pila=batería
    """,
}

_WORD = re.compile(r"\w+(?:[-']\w+)*", re.UNICODE)


def _lexicon(source: dict[str, str]) -> dict[str, dict[str, list[str]]]:
    made: dict[str, dict[str, list[str]]] = {}
    for lang, text in source.items():
        pairs = (entry.partition("=") for entry in text.split())
        made[lang] = {
            fold(key).replace("_", " "): value.replace("_", " ").split(",") for key, _, value in pairs
        }
    return made


SHORTHAND = _lexicon(_SHORTHAND)
SYNONYMS = _lexicon(_SYNONYMS)
for _lang, _known in SYNONYMS.items():
    # What a desk means by a word comes first: "ancien" is an appliance to take back before it is old.
    for _word, _others in everyday(_lang).items():
        _known.setdefault(fold(_word), _others)


def spell_out(text: str, lang: str) -> str:
    """Shorthand replaced by the words it stands for; everything else untouched.

    Example:
        >>> spell_out("slt g pa recu mon colis", "fr")
        "salut j'ai pa reçu mon colis"
    """
    known = SHORTHAND.get(lang, {})
    return _WORD.sub(lambda m: known.get(fold(m.group(0)), [m.group(0)])[0], text)


def synonyms(text: str, lang: str) -> list[str]:
    """Words that a help centre may use for the words of ``text``, in order, each once.

    Example:
        >>> synonyms("mon frigo", "fr")
        ['réfrigérateur']
    """
    known = SYNONYMS.get(lang, {})
    folded = [fold(word) for word in _WORD.findall(text)]
    singular = [word[:-1] if word.endswith("s") else word for word in folded]
    joined = " ".join(folded)
    found = [
        s for word, base in zip(folded, singular, strict=True) for s in known.get(word, known.get(base, []))
    ]
    found += [s for key, values in known.items() if " " in key and key in joined for s in values]
    return [s for s in dict.fromkeys(found) if fold(s) not in folded]
