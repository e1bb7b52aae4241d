"""People, and what they decide: as commands say it on a terminal."""

from typing import Final

PEOPLE: Final[dict[str, tuple[str, str]]] = {
    "ask-code": ("Code à six chiffres", "Six-digit code"),
    "ask-name": ("Nom de la personne", "The person's name"),
    "ask-witness": ("Nom du témoin", "The witness's name"),
    "ask-destruction": (
        "Référence de l'ordre ou du certificat de destruction",
        "Reference of the order or certificate of destruction",
    ),
    "ask-first-code": ("Code que l'appareil montre maintenant", "The code that the device shows now"),
    "ask-key-password": ("Mot de passe de la clé", "The key's password"),
    "person-secret": (
        "{code}\nÀ lire avec l'application d'authentification ; ce secret n'est montré qu'une fois :\n{uri}",
        "{code}\nTo be read by the authenticator; this secret is shown once:\n{uri}",
    ),
    "person-enrolled": ("Personne habilitée : {id}", "Enrolled: {id}"),
    "person-disabled": ("{id} : n'est plus habilité.", "{id}: may do nothing any more."),
    "person-unlocked": ("{id} : débloqué.", "{id}: unlocked."),
    "person-renewed": ("{id} : nouveau second facteur.", "{id}: another second factor."),
    "refusals-may": (
        "      {id} : à décider : {may} ; encore {days} jour(s)",
        "      {id}: may be decided: {may}; {days} day(s) left",
    ),
    "refusals-openable": (
        "Le contrôle s'ouvrirait aujourd'hui, avec la clé du client : liasse release {id} --key CLÉ --cert CERTIFICAT",
        "The gate would open today, with the client's key: liasse release {id} --key KEY --cert CERTIFICATE",
    ),
    "refusals-may-closed": ("      {id} : à décider : {may}", "      {id}: may be decided: {may}"),
    "review-document": ("Document {id}  patient {patient}", "Document {id}  patient {patient}"),
    "review-reason": ("{what} [{reason}]", "{what} [{reason}]"),
    "review-custody-curable": (
        "Sous la clé du poste, encore {days} jour(s) ; ensuite scellé pour le client.",
        "Under the station's key, {days} day(s) left; then sealed for the client.",
    ),
    "review-custody-closed": (
        "Scellé pour le client ; le poste n'a plus de clé. Une autorisation ne le rouvre qu'avec la clé du client.",
        "Sealed for the client; the station has no key. An authorization opens it with the client's key alone.",
    ),
    "review-custody-final": ("Détruit ; il n'en reste que la trace.", "Destroyed; its trace alone is left."),
    "review-custody-none": ("Rien n'en est gardé.", "Nothing of it is kept."),
    "review-may": ("À décider : {may}", "May be decided: {may}"),
    "review-second": (
        "Une décision attend une deuxième personne : {id} (« liasse refusal show {id} »)",
        "A decision waits for a second person: {id} ('liasse refusal show {id}')",
    ),
    "review-facts": ("Faits enregistrés :", "Facts on record:"),
    "review-fact": ("  {fact}  {text}", "  {fact}  {text}"),
    "review-fact-retracted": ("  {fact}  {text}  [rétracté]", "  {fact}  {text}  [retracted]"),
    "review-contradiction": ("Se contredisent : {facts}", "Contradict each other: {facts}"),
    "review-doubtful": (
        "Une ligne du registre, inutilisable, était peut-être un refus : à trancher.",
        "A line of the register that could not be used may have been a refusal: to be settled.",
    ),
    "review-named-separator": (
        "L'intercalaire nomme : {patient}  {traits}",
        "The separator names: {patient}  {traits}",
    ),
    "review-named-pages": ("Les pages nomment : {patient}  {traits}", "The pages name: {patient}  {traits}"),
    "review-named-person": ("Une personne a nommé : {patient}  {traits}", "A person named: {patient}  {traits}"),
    "review-identity": ("Lu sur la page pour identifier :", "Read on the page to identify:"),
    "review-trait": ("  {trait} : {value} ({standing})", "  {trait}: {value} ({standing})"),
    "review-unread": ("  non lu : {traits}", "  not read: {traits}"),
    "review-strip": ("Bande d'identité masquée : {path}", "Masked strip: {path}"),
    "review-candidate": ("Nouveau patient : {traits}", "The new patient: {traits}"),
    "review-waits": (
        "Décision {id} : attend une deuxième personne (« liasse refusal confirm {id} »).",
        "Decision {id}: waits for a second person ('liasse refusal confirm {id}').",
    ),
    "review-done": ("Décision {id} enregistrée.", "Decision {id} recorded."),
    "review-maintained": (
        "Les copies du poste sont détruites ; le papier est à rendre par bordereau (liasse refusal slip), sauf s'il a "
        "été numérisé de nouveau.",
        "The station's copies are destroyed; the paper is given back by a slip (liasse refusal slip), unless it was "
        "scanned anew.",
    ),
    "review-none-went-on": (
        "Aucun document ne repart pour autant : « liasse refusal list » dit ce qui le retient.",
        "No document goes on by that: 'liasse refusal list' says what keeps it.",
    ),
    "review-facts-recorded": ("Faits enregistrés : {facts}", "Facts recorded: {facts}"),
    "review-went-on": ("{count} document(s) repris.", "{count} document(s) on their way again."),
    "review-held-back": (
        "{count} document(s) attendent qu'une personne en confirme le nombre (« liasse refusal list »).",
        "{count} document(s) wait for a person to confirm how many go on ('liasse refusal list').",
    ),
    "review-gate": (
        "{id} : le contrôle répond maintenant : {what} [{reason}]",
        "{id}: the gate now answers: {what} [{reason}]",
    ),
    "review-gate-open": (
        "{id} : le contrôle s'ouvrirait maintenant.",
        "{id}: the gate would open now.",
    ),
    "review-dismissed": (
        "Informez le patient de cette décision, de ses raisons et de ses recours : le poste ne le fait pas.",
        "Tell the patient of this decision, its grounds and the ways of appeal: the station does not.",
    ),
    "review-detached": (
        "L'INS est retiré de cette référence ; ce qui est en cours, ici et sous les références qui avaient le même, "
        "est jugé de nouveau. Corrigez votre logiciel : un import peut donner le bon INS.",
        "The INS is taken from this reference; what is in hand, here and under the references that had the same, is "
        "judged anew. Correct your software: an import may give the right INS.",
    ),
    "review-count": (
        "{count} document(s) seraient détruits, sans retour. Combien ?",
        "{count} document(s) would be destroyed, for good. How many?",
    ),
    "decision-head": (
        "Décision {id}, prise le {at} par {person} : {what}.",
        "Decision {id}, taken on {at} by {person}: {what}.",
    ),
    "decision-document": ("  Document : {value}", "  Document: {value}"),
    "decision-patient": ("  Patient : {value}", "  Patient: {value}"),
    "decision-was": ("  Jusqu'ici du patient : {value}", "  Until now of patient: {value}"),
    "decision-becomes": ("  Devient celui du patient : {value}", "  Becomes that of patient: {value}"),
    "decision-candidate": ("  Ce patient : {value}", "  That patient: {value}"),
    "decision-type": ("  Devient de type : {value}", "  Becomes of type: {value}"),
    "decision-reason": ("  Motif : {value}", "  Reason: {value}"),
    "decision-final": (
        "  Le document est détruit, sans retour ; sa trace reste.",
        "  The document is destroyed for good; its trace stays.",
    ),
    "decision-passed": ("  La preuve de ce fait est bonne :", "  The evidence of this fact is good:"),
    "decision-rejected": ("  La preuve de ce fait est rejetée :", "  The evidence of this fact is rejected:"),
    "decision-retracts": ("  Ne valent plus :", "  Do not stand any more:"),
    "decision-lifts": ("  Le doute est levé.", "  The doubt is lifted."),
    "decision-form": ("  Formulaire rendu : {value}", "  Returned form: {value}"),
    "decision-outcome": ("  Lu dessus : {value}", "  Read on it: {value}"),
    "decision-on": ("  A autorisé le : {value}", "  Authorized on: {value}"),
    "decision-dismissed-on": ("  Décidé par écrit le : {value}", "  Decided in writing on: {value}"),
    "decision-until": ("  Dernier jour : {value}", "  Last day: {value}"),
    "decision-doc-types": ("  Limite, types : {value}", "  Limit, types: {value}"),
    "decision-purposes": ("  Limite, finalités : {value}", "  Limit, purposes: {value}"),
    "decision-given-by": ("  A parlé : {value}", "  Spoke: {value}"),
    "decision-authority": ("  Fin de l'autorité : {value}", "  End of the authority: {value}"),
    "decision-evidence": ("  Preuve : {value}", "  Evidence: {value}"),
    "decision-witness": ("devant témoin", "before a witness"),
    "decision-to-say": (
        "Confirmer, c'est dire exactement cela. L'écarter : « liasse refusal decline {id} ».",
        "Confirming is saying just that. To decline it: 'liasse refusal decline {id}'.",
    ),
    "review-declined": ("Décision {id} écartée : rien n'en suit.", "Decision {id} declined: nothing follows."),
}
