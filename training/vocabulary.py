"""What invented French medical records are made of: words, analyses, units, drugs, names, places, sentences."""

from typing import Final

COMMON: Final = (
    "le la les un une des de du et à au aux en dans par pour sur avec sans ce cette ces son sa ses qui que dont où "
    "est sont a ont été sera ne pas plus très bien depuis après avant chez entre sous lors jusqu'à il elle nous vous "
    "je lui mais ou car si aucun aucune tout toute autre même deux trois ainsi toujours encore déjà aujourd'hui"
).split()
MEDICAL: Final = (
    "patient patiente examen traitement douleur fièvre tension artérielle cardiaque auscultation pulmonaire abdomen souple "
    "antécédents allergie intervention hospitalisation consultation médecin généraliste service urgences radiographie "
    "échographie scanner IRM biopsie prélèvement bilan sanguin résultats suivi posologie comprimé gélule matin midi soir "
    "coucher semaine mois jours renouvelable ordonnance arrêt travail reprise kinésithérapie rééducation fracture entorse "
    "genou épaule cheville rachis lombaire cervical droit gauche bilatéral hypertension diabète asthme insuffisance rénale "
    "chronique aiguë infection urinaire respiratoire vaccination rappel diphtérie tétanos grippe chirurgien anesthésie bloc "
    "opératoire cicatrice pansement infirmière domicile prescription surveillance électrocardiogramme rythme sinusal régulier "
    "bruits murmure vésiculaire œdème membres inférieurs mollets examen clinique sans particularité poids taille "
    "température saturation fréquence glycémie cholestérol thyroïde hépatique ganglions peau muqueuses état général "
    "conservé aptitude poste salarié entreprise visite médicale reprise avis inapte aménagement bruit charges écran "
    "compte rendu opératoire imagerie conclusion indication technique lésion nodule absence épanchement foyer évolutif "
    "confrère cordialement salutations distinguées remercie adressé confié vient revoir contrôle prochain rendez-vous "
    "traité amélioration persistance asthénie amaigrissement anorexie nausées vomissements dyspnée toux expectoration "
    "cœur sœur nœud œsophage naïf aiguë maïs hôpital bientôt goût août dû reçu façon français leçon où là déçu"
).split()
ANALYTES: Final = (
    "Hémoglobine;Hématocrite;Leucocytes;Hématies;Plaquettes;V.G.M.;T.C.M.H.;C.C.M.H.;Polynucléaires neutrophiles;"
    "Polynucléaires éosinophiles;Polynucléaires basophiles;Lymphocytes;Monocytes;Réticulocytes;Vitesse de sédimentation;"
    "Glycémie à jeun;Glucose;Hémoglobine glyquée;HbA1c (HPLC);Urée;Créatinine;DFG estimé (CKD-EPI);Acide urique;Sodium;"
    "Potassium;Chlore;Bicarbonates;Calcium;Calcium corrigé;Phosphore;Magnésium;Protéines totales;Albumine;Préalbumine;"
    "Bilirubine totale;Bilirubine directe;ASAT (TGO);ALAT (TGP);Gamma GT;Phosphatases alcalines;L.D.H.;C.P.K.;Lipase;Amylase;"
    "Cholestérol total;Cholestérol HDL;Cholestérol LDL;Triglycérides;Fer sérique;Ferritine;Transferrine;"
    "Coefficient de saturation;T.S.H. ultrasensible;TSH;T4 libre;T3 libre;Vitamine B12;Vitamine D (25-OH);Folates;"
    "C-réactive protéine;CRP;Procalcitonine;Taux de prothrombine;I.N.R.;T.C.A.;Fibrinogène;D-dimères;Troponine T hs;"
    "NT-proBNP;PSA total;PSA libre;Rapport PSA libre/total;Microalbuminurie;Protéinurie des 24 h;Créatinine urinaire;"
    "pH;Densité;Cétones;Nitrites;Sang;Leucocytes urinaires;Cortisol;Prolactine;Testostérone;FSH;LH;Œstradiol;Bêta-HCG;"
    "Anticorps anti-TPO;Antigène HBs;Anti-HBs;Sérologie VIH;Toxoplasmose IgG;Rubéole IgM;Plombémie;Homocystéine;Lactates;"
    "Apolipoprotéine B;Lipoprotéine (a);Facteur rhumatoïde;Haptoglobine;Complément C3;Électrophorèse;Alpha 1;Bêta 2;Aspect;"
    "Cellules épithéliales;Zinc;Cuivre;Sélénium;Digoxine;Lithium;Anti-Xa;Antithrombine;Groupe ABO;Rhésus;RAI;Numération"
).split(";")
UNITS: Final = (
    (
        "g/L g/L g/L g/L mg/L mg/L mg/L µg/L µg/L ng/mL ng/L pg/mL pg/mL mmol/L mmol/L mmol/L µmol/L µmol/L µmol/L nmol/L pmol/L "
        "UI/L UI/L UI/L UI/L mUI/L mUI/L mUI/mL UI/mL kUI/L U/L G/L G/L G/L G/L T/L T/L T/L fL fL fl pg pg % % % % g/dL g/dL mg/dL "
        "g/100mL mL/min mL/min/1,73m² mm sec s mm/h /mm³ /mm3 10³/mm³ 10⁹/L g/24h mg/24h µg/mg mg/g mg/mmol µg/g g/mol mg/l g/l "
        "UI/l mEq/L µkat/L µg/dL µg/min m² kg/m² kg cm mmHg °C L/min bpm mSv mGy.cm dB Hz"
    )
    .replace("10⁹/L", "")
    .split()
)
DRUGS: Final = (
    "DOLIPRANE PARACETAMOL AMOXICILLINE AUGMENTIN IBUPROFENE KETOPROFENE TRAMADOL OMEPRAZOLE ESOMEPRAZOLE PANTOPRAZOLE "
    "METFORMINE GLICLAZIDE INSULINE LANTUS NOVORAPID RAMIPRIL PERINDOPRIL AMLODIPINE BISOPROLOL ATENOLOL FUROSEMIDE LASILIX "
    "SPIRONOLACTONE KARDEGIC CLOPIDOGREL ELIQUIS XARELTO PREVISCAN LOVENOX ATORVASTATINE TAHOR CRESTOR ROSUVASTATINE "
    "LEVOTHYROX VENTOLINE SERETIDE SYMBICORT SINGULAIR CETIRIZINE AERIUS PREDNISOLONE SOLUPRED CORTANCYL ZOPICLONE SERESTA "
    "ALPRAZOLAM SEROPLEX PAROXETINE VENLAFAXINE LYRICA LAROXYL DEPAKINE KEPPRA SPASFON SMECTA TIORFAN MOTILIUM GAVISCON "
    "VOGALENE FORLAX BIOFENAC VOLTARENE FLECTOR ROCEPHINE OFLOCET CIFLOX PYOSTACINE MONURIL ZELITREX UVEDOSE CALCIDOSE "
    "TARDYFERON SPECIAFOLDINE Doliprane Amoxicilline Ramipril Kardégic Lévothyrox Ventoline Inexium Xatral Colchicine Imodium"
).split()
FORMS: Final = (
    "comprimé;comprimé pelliculé;gélule;sachet;solution buvable;suppositoire;crème;pommade;gel;collyre;sirop;ampoule;"
    "comprimé sécable;cp;gél.;inj.;patch;spray nasal;gouttes;stylo prérempli;comprimés effervescents;poudre pour inhalation"
).split(";")
FIRST: Final = (
    "Jean Marie Pierre Michel André Philippe René Louis Alain Jacques Bernard Marcel Daniel Roger Robert Paul Claude Christian "
    "Henri Georges Nicolas François Françoise Hélène Noël Noëlle Éric Étienne Gaël Joël Zoé Chloé Léa Maëlle Loïc Anaïs Héloïse "
    "Jean-Baptiste Marie-Thérèse Anne-Sophie Jean-François Mickaël Raphaël Aurélie Sébastien Frédéric Jérôme Benoît Cécile "
    "Agnès Geneviève Thérèse Yvonne Odette Denise Simone Jeanne Lucienne Yasmine Mohamed Fatima Aïcha Ibrahim Karim Inès Nguyen"
).split()
LAST: Final = (
    (
        "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefebvre Lefèvre Michel Garcia Bertrand "
        "Roux Vincent Fournier Morel Girard André Mercier Dupont Lambert Bonnet François Martinez Legrand Garnier Faure Rousseau "
        "Blanc Guérin Müller Henry Roussel Nicolas Perrin Morin Mathieu Clément Gauthier Dumont López Fontaine Chevalier Robin "
        "Masson Sanchez Gérard Nguyễn Boyer Denis Lemaire Duval Joly Gautier Roger Roche Roy Noël Meyer Lucas Meunier Jean Pérez "
        "Marchand Dufour Blanchard Marie Barbier Brun Dumas Brunet Schmitt Leroux Colas Fabre D'Almeida L'Huillier Le Goff "
        "Saint-Martin Benoît-Gonin Ben Yahia Traoré Çelik Österberg Ouédraogo Wojciechowski Kowalczyk Schaeffer Quéré Guyonvarc'h"
    )
    .replace("Nguyễn", "Nguyen")
    .split()
)
TOWNS: Final = (
    "PARIS;LYON CEDEX 03;MARSEILLE;TOULOUSE;NICE;NANTES;STRASBOURG;MONTPELLIER;BORDEAUX;LILLE;RENNES;REIMS;SAINT-ÉTIENNE;"
    "LE HAVRE;TOULON;GRENOBLE;DIJON;ANGERS;NÎMES;VILLEURBANNE;Aix-en-Provence;Brest;Le Mans;Amiens;Tours;Limoges;Besançon;Metz;"
    "Orléans;Mulhouse;Rouen;Caen;Nancy;Saint-Denis;Argenteuil;Roubaix;Châteauroux;Évreux;Bourg-en-Bresse;L'Haÿ-les-Roses;"
    "Vitry-sur-Seine;Créteil;Pontoise;Béziers;Périgueux;Agen;Quimper;Vannes;Lorient;Épinal;Chambéry;Annecy;Thonon-les-Bains"
).split(";")
STREETS: Final = (
    "rue de la République;avenue Jean Jaurès;boulevard Victor Hugo;place de l'Église;chemin des Vignes;rue du Général Leclerc;"
    "allée des Tilleuls;impasse du Moulin;route de Bordeaux;quai de la Gare;rue Pasteur;cours Gambetta;square des Érables"
).split(";")
HEADINGS: Final = (
    "ORDONNANCE;COMPTE RENDU D'HOSPITALISATION;COMPTE RENDU OPÉRATOIRE;BIOCHIMIE SANGUINE;HÉMATOLOGIE;NUMÉRATION FORMULE SANGUINE;"
    "IONOGRAMME;BILAN LIPIDIQUE;BILAN HÉPATIQUE;HÉMOSTASE;HORMONOLOGIE;SÉROLOGIE;EXAMEN CYTOBACTÉRIOLOGIQUE DES URINES;Analyse;"
    "CERTIFICAT MÉDICAL;FICHE D'APTITUDE;LETTRE DE LIAISON;CONSENTEMENT ÉCLAIRÉ;RÉSULTATS D'ANALYSES;LABORATOIRE DE BIOLOGIE MÉDICALE;"
    "Analyses;Résultat;Résultats;Unité;Unités;Valeurs de référence;Valeurs usuelles;Antériorité;Antériorités;Examen;Paramètre;"
    "Intervalle de référence;Norme;Normes;Date;Technique;Valeur;Réf.;Marqueurs;IMMUNOLOGIE;BACTÉRIOLOGIE;Conclusion;Motif;Diagnostic"
).split(";")
LABELS: Final = (
    "Nom;Prénom;Nom de naissance;Nom d'usage;Né(e) le;Date de naissance;Sexe;Adresse;Code postal;Ville;Téléphone;Tél.;Fax;Courriel;"
    "N° de sécurité sociale;INS;NIR;N° de dossier;Dossier n°;Médecin traitant;Médecin prescripteur;Prescripteur;Service;Date;"
    "Date d'entrée;Date de sortie;Prélevé le;Reçu le;Édité le;Fait à;Signature;Cachet;Poids;Taille;IMC;TA;Pouls;Température;"
    "Allergies;Antécédents;Motif de consultation;Employeur;Poste;Profession;Personne à prévenir;Page;N° RPPS;N° FINESS;N° ADELI;"
    "Organisme;Régime;Mutuelle;Durée;Quantité;Posologie;Groupe sanguin;Chambre;Lit;UF;IPP;N° d'examen;Réf. labo;Validé par"
).split(";")
CHOICES: Final = (
    "Oui;Non;Homme;Femme;Féminin;Masculin;Apte;Inapte;Apte avec réserves;À revoir;Urgent;ALD;Hors ALD;Accident du travail;Maternité;"
    "Droit;Gauche;Positif;Négatif;Normal;Anormal;Ambulatoire;Domicile;Célibataire;Marié(e);Autre;NSP;Fait;Non fait;Sans objet"
).split(";")
SENTENCES: Final = (
    "Je vous remercie de m'avoir adressé {name}, né le {date}, pour une {heard} du {heard}.;"
    "J'ai vu ce jour en consultation {name} qui présente depuis {number} jours une {heard} sans {heard}.;"
    "Dans ses antécédents, on note une {heard} opérée en {number} et un traitement par {drug}.;"
    "L'examen clinique retrouve une tension artérielle à {number} mmHg, un pouls à {number}/min, une saturation à {number} %.;"
    "L'auscultation cardio-pulmonaire est normale, l'abdomen est souple, il n'y a pas d'œdème des membres inférieurs.;"
    "Le bilan biologique montre une {analyte} à {unit_of} et une {analyte} à {unit_of}, le reste est sans anomalie.;"
    "Je propose de poursuivre {drug} à la même posologie et d'ajouter {drug} pendant {number} jours.;"
    "Je reste à votre disposition pour tout renseignement complémentaire et vous prie de croire, cher confrère, à mes salutations les meilleures.;"
    "Le patient a été informé des risques de l'intervention et des alternatives ; il a donné son accord écrit.;"
    "Certifie avoir examiné ce jour {name} et n'avoir constaté aucune contre-indication à la pratique du sport.;"
    "Son état de santé nécessite un arrêt de travail jusqu'au {date} inclus, sauf complication.;"
    "En l'absence d'amélioration sous {number} heures ou en cas de fièvre, consulter de nouveau ou composer le 15.;"
    "Certificat établi à la demande de l'intéressé et remis en main propre pour faire valoir ce que de droit.;"
    "Le salarié est apte à son poste avec aménagement : pas de port de charges supérieures à {number} kg pendant {number} mois.;"
    "Les valeurs de référence dépendent de l'âge, du sexe et de la technique ; elles sont données à titre indicatif.;"
    "Résultats à interpréter en fonction du contexte clinique. Ce compte rendu ne peut être reproduit que dans son intégralité.;"
    "Conformément à la loi, vous disposez d'un droit d'accès et de rectification des informations qui vous concernent.;"
    "Ce document est strictement confidentiel et couvert par le secret médical ; toute diffusion est interdite.;"
    "Membre d'un organisme agréé, acceptant à ce titre le paiement par chèques et par carte bancaire.;"
    "Cabinet du {name}, {address}, téléphone {digits}, consultations sur rendez-vous sauf le jeudi après-midi.;"
    "Laboratoire de biologie médicale, {address}, directeur : {name}, site ouvert du lundi au samedi de 7 h 30 à 18 h.;"
    "Prélèvement effectué le {date} par l'infirmière, reçu au laboratoire le {date}, édité le {date}, page 1 sur 2.;"
    "Prescriptions relatives au traitement de l'affection de longue durée reconnue ; prescriptions sans rapport avec celle-ci.;"
    "Avez-vous déjà été opéré ? Si oui, précisez la date, le lieu et la nature de l'intervention.;"
    "Prenez-vous des médicaments ? Fumez-vous ? Combien de cigarettes par jour et depuis combien d'années ?;"
    "Êtes-vous gêné par le bruit, la chaleur ou les poussières à votre poste ? Portez-vous des protections ?;"
    "Radiographie du {heard} de face et de profil : pas de lésion osseuse traumatique visible, interlignes respectés.;"
    "Échographie abdominale : foie de taille normale, vésicule alithiasique, reins sans dilatation, pas d'épanchement.;"
    "Scanner réalisé sans puis avec injection de {unit_of} de produit de contraste ; la dose délivrée est de {number} mGy.cm.;"
    "Sortie autorisée le {date} avec une ordonnance de {drug} et un rendez-vous de contrôle dans {number} semaines.;"
    "À renouveler {number} fois. Non substituable. En cas d'oubli d'une prise, ne pas doubler la dose suivante.;"
    "Mme {name} sera revue le {date} à {number} heures, à jeun, munie de ses derniers résultats et de sa carte Vitale."
).split(";")
