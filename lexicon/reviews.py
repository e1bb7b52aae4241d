"""How decisions and their reasons are said on a screen, French first: (French, English)."""

from typing import Final

from lexicon.sentences import Language

DECISIONS: Final[dict[str, tuple[str, str]]] = {
    "maintain": ("maintenir le refus", "maintain the refusal"),
    "authorize": ("fournir une autorisation", "supply an authorization"),
    "correct-identity": ("corriger l'identité", "correct the identity"),
    "check": ("vérifier la preuve", "check the evidence"),
    "settle": ("trancher", "settle"),
    "dismiss": ("ne pas retenir l'opposition à l'hébergement", "not uphold the opposition to hosting"),
    "detach": ("retirer l'INS de la référence", "take the INS from the reference"),
}
"""Kinds of decisions (`consent_gate.review.Kind`)."""

READING: Final = ("autorisation lue sur un formulaire rendu", "an authorization read on a returned form")

MAINTAIN_REASONS: Final[dict[str, tuple[str, str]]] = {
    "patient-confirms": ("le patient confirme son refus", "the patient confirms the refusal"),
    "no-answer": ("le patient n'a pas répondu", "the patient did not answer"),
    "not-to-be-digitized": (
        "ce document n'est pas de ceux que le contrat fait numériser",
        "this document is none of those that the contract has digitized",
    ),
    "identity-unsettled": ("nul ne sait de qui est ce document", "nobody knows whose document this is"),
    "scanned-anew": ("la feuille a été numérisée de nouveau", "the sheet was scanned anew"),
}
"""Why a document becomes final (`consent_gate.review.MaintainReason`)."""

DISMISS_REASONS: Final[dict[str, tuple[str, str]]] = {
    "no-ground-given": ("aucun motif n'a été donné", "no ground was given"),
    "ground-not-legitimate": ("le motif donné n'est pas légitime", "the ground that was given is not legitimate"),
}
"""Why an opposition to hosting is not upheld (`consent_gate.review.DismissReason`)."""

DETACH_REASONS: Final[dict[str, tuple[str, str]]] = {
    "ins-of-another": ("cet INS est celui d'une autre personne", "this INS is another person's"),
    "ins-mistyped": ("cet INS a été mal saisi", "this INS was mistyped"),
}
"""Why an INS is taken from a reference (`consent_gate.review.DetachReason`)."""

SETTLE_REASONS: Final[dict[str, tuple[str, str]]] = {
    "recorded-by-mistake": ("enregistré par erreur", "recorded by mistake"),
    "wrong-patient": ("dit d'un autre patient", "said of another patient"),
    "wrong-day": ("dit un autre jour", "said on another day"),
    "said-before": ("dit le même jour, mais avant", "said on the same day, but before"),
    "line-explained": ("la ligne refusée n'est pas un refus", "the refused line is no refusal"),
}
"""Why a fact does not stand, or a doubt is lifted (`consent_gate.review.SettleReason`)."""

FACTS: Final[dict[str, tuple[str, str]]] = {
    "notice": ("information donnée", "information given"),
    "granted": ("autorisation", "authorization"),
    "limited": ("limite", "limit"),
    "refused": ("refus", "refusal"),
    "withdrawn": ("retrait", "withdrawal"),
    "opposed": ("opposition", "opposition"),
    "opposition-lifted": ("levée d'opposition", "opposition lifted"),
    "deceased": ("décès", "death"),
    "evidence-checked": ("preuve vérifiée", "evidence checked"),
    "evidence-rejected": ("preuve rejetée", "evidence rejected"),
    "retracted": ("rétractation", "retraction"),
    "doubted": ("doute", "doubt"),
    "doubt-lifted": ("doute levé", "doubt lifted"),
}
"""Kinds of facts (`consent_gate.model.FactKind`)."""

GIVERS: Final[dict[str, tuple[str, str]]] = {
    "patient": ("le patient", "the patient"),
    "parental-authority": ("l'autorité parentale", "the parental authority"),
    "guardian": ("le tuteur", "the guardian"),
}
"""Who spoke (`consent_gate.model.Giver`)."""

EVIDENCE: Final[dict[str, tuple[str, str]]] = {
    "unspecified": ("une référence", "a reference"),
    "signed-form": ("un formulaire signé", "a signed form"),
    "e-mail": ("un courriel", "an e-mail"),
    "oral": ("une parole", "a spoken word"),
    "controller-decision": ("une décision écrite du responsable", "the controller's decision in writing"),
}
"""What a statement rests on (`consent_gate.model.EvidenceKind`)."""


def said(words: dict[str, tuple[str, str]], slug: str, language: Language) -> str:
    """The words of a slug; the slug itself where it has none."""
    french, english = words.get(slug, (slug, slug))
    return french if language == "fr" else english
