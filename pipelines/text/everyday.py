"""Everyday words of French, from France and Quebec, that stand for one another: of life, not of one desk."""

from __future__ import annotations

GROUPS = {
    "fr": """
        médecin docteur toubib | infirmier infirmière soignant | hôpital clinique hosto | pharmacie
        pharmacien | médicament remède pilule cachet | maladie infection | malade souffrant | fièvre
        température | toux tousser | rhume grippe | douleur mal souffrance | symptôme signe | vaccin
        vaccination vacciner piqûre | contagion contamination transmission | contagieux contaminer
        transmettre infecter attraper | dépistage test tester | guérir rétablir rétablissement | soigner
        traiter traitement | virus microbe | quarantaine isolement isoler confinement | décès mort
        mourir décéder | enceinte grossesse | travail emploi boulot job taf | travailler bosser |
        travailleur employé salarié | patron employeur boss | salaire paie paye revenu | chômage
        licenciement | chômeur licencié | entreprise société compagnie boîte | collègue coworker | usine
        atelier | bureau bureaux | télétravail distance | retraite retraité pension | enfant gosse gamin
        môme marmot | bébé nourrisson poupon | fils fille enfant | ado adolescent jeune | parents mère
        père | maman mère | papa père | mari époux conjoint | femme épouse conjointe | chum copain
        conjoint | blonde copine conjointe | grand-mère mamie aîné | grand-père papi aîné | aîné âgé
        senior vieux | famille proche parent | ami copain pote | voisin voisinage | gens personnes monde
        | école scolaire établissement | élève écolier étudiant | garderie crèche garde | professeur
        enseignant prof | cours classe leçon | université fac collège cégep | cantine cafétéria |
        devoirs exercices | nourriture bouffe aliment repas alimentation | manger bouffer | épicerie
        courses supermarché commissions | dîner repas souper | restaurant resto | boire boisson breuvage
        | faim appétit | cuisine cuisiner | argent fric sous thune | aide soutien assistance | aider
        assister secourir | prêt emprunt crédit | loyer location bail | louer location | propriétaire
        proprio | locataire loué | hypothèque prêt | impôt taxe fiscal | facture note | prestation
        allocation indemnité | prime bonus | dette impayé | acheter achat magasiner | vendre vente |
        magasin commerce boutique dépanneur | banque bancaire guichet | cher coûteux dispendieux |
        économie épargne | rabais réduction remise | assurance assureur | voiture auto automobile
        bagnole char véhicule | vélo bicyclette bécane | autobus bus | métro train | avion vol | voyage
        voyager déplacement | déplacer déplacement | essence carburant gaz | camion poids-lourd |
        stationnement parking garer | permis licence | conduire rouler | route chemin rue | frontière
        douane | pays étranger | vacances congé | hôtel hébergement | passeport visa | partir quitter |
        revenir retour rentrer | maison domicile logement chez-soi | appartement logement appart |
        chambre pièce | meuble mobilier | lit matelas | lampe éclairage | ordures déchets poubelles
        vidanges | ménage nettoyage | déménager déménagement | laver nettoyer lavage | désinfecter
        désinfection | savon détergent | eau robinet | chauffage chaleur | vêtements linge habits
        fringues | chaussures souliers | masque couvre-visage | gants mitaines | lunettes verres |
        téléphone cellulaire portable mobile | ordinateur ordi pc | courriel e-mail mail mél | internet
        web toile | site page | appeler téléphoner joindre | appel coup | message texto sms | lettre
        courrier poste | police policier gendarme | loi règle règlement | interdit défendu prohibé |
        permis autorisé permettre | droit autorisation | obligatoire obligé forcé | amende contravention
        pénalité | avocat juriste | juge tribunal | gouvernement état ministère | maire municipalité |
        ville municipalité commune | voter élection | mariage noces marier | funérailles enterrement
        obsèques | église messe culte | fête party célébration | visite visiter voir | rassemblement
        réunion rencontre attroupement | rencontrer réunir | sortir sortie | sport gym entraînement |
        parc jardin | piscine baignade | cinéma film | jeu jouer | marche promenade balade | chien
        animal | chat animal | animal bête | vétérinaire véto | garder garde | adopter adoption | début
        commencement commencer débuter | fin terminer finir | ouvrir ouverture ouvert | fermer fermeture
        fermé | reprendre reprise recommencer | attendre attente | durer durée | reporter repousser
        remettre | annuler annulation | demande demander requête | inscrire inscription | obtenir avoir
        recevoir | remplir formulaire | besoin nécessaire requis | utile pratique | danger dangereux
        risque risqué | sûr sécuritaire sécurité | protéger protection | éviter prévenir prévention |
        grave sérieux | urgent urgence pressé | problème souci ennui | triste déprimé dépression |
        stress anxiété angoisse stressé | peur crainte inquiet | fâché colère | content heureux |
        fatigué épuisé crevé | seul solitude isolé | violence agression | drogue stupéfiant | tabac
        cigarette fumer clope | alcool boisson | nouvelle actualité info | information renseignement |
        chercher trouver recherche | savoir connaître | dire parler | comprendre saisir | croire penser
        | montrer présenter | donner offrir fournir | prêter emprunter | perdre perte | voler vol
        cambriolage | casser briser | réparer arranger | jeter débarrasser | toucher contact | près
        proche proximité | distance mètres | matin avant-midi | fin-de-semaine week-end | journée jour |
        année an | mois mensuel | maintenant actuellement | bientôt prochainement | souvent fréquemment
        | toujours encore | vite rapidement | environ autour | grand gros | petit minuscule | nouveau
        neuf récent | possible faisable | difficile dur compliqué | facile simple
    """,
}
"""Groups of words parted by ``|``, each by language; a word of a group may stand for the others."""


def everyday(lang: str) -> dict[str, list[str]]:
    """For each word the others of its groups, in order.

    Example:
        >>> everyday("fr")["toubib"], everyday("en")
        (['médecin', 'docteur'], {})
    """
    found: dict[str, list[str]] = {}
    for group in GROUPS.get(lang, "").split("|"):
        members = group.split()
        for word in members:
            found.setdefault(word, []).extend(other for other in members if other != word)
    return found
