"""What a patient is told before the paper record is scanned (RGPD art. 13 and 14), in plain French, from the contract.

Nothing is made up here: what only the controller can say is a setting, and where one is missing no notice is printed.
The rights are those of the legal basis (RGPD art. 15 to 21; CNIL, fiche 15), with what health law adds.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import rfc8785

from lexicon.faults import StationFault
from pipeline.config import Config

_BASIS: Final = {
    "legal-obligation": ("une obligation légale", "articles 6.1.c et 9.2.h du RGPD"),
    "consent": ("votre consentement", "articles 6.1.a et 9.2.a du RGPD"),
    "contract": ("l'exécution d'un contrat", "articles 6.1.b et 9.2.h du RGPD"),
    "public-interest": ("une mission d'intérêt public", "articles 6.1.e et 9.2.h du RGPD"),
    "legitimate-interest": ("l'intérêt légitime du responsable", "articles 6.1.f et 9.2.h du RGPD"),
}
_ALWAYS: Final = "Vous pouvez consulter vos données, les faire rectifier et en faire limiter l'usage"
_RIGHTS: Final = {
    "legal-obligation": (
        f"{_ALWAYS} ; faire effacer celles qui ne sont plus nécessaires. Comme la loi impose de tenir ce dossier, "
        "il n'y a ni droit à la portabilité, ni droit général d'opposition."
    ),
    "consent": f"{_ALWAYS} ; les faire effacer ; les recevoir dans un format réutilisable (portabilité).",
    "contract": f"{_ALWAYS} ; les faire effacer ; les recevoir dans un format réutilisable (portabilité).",
    "public-interest": f"{_ALWAYS} ; vous opposer à leur traitement, pour des raisons tenant à votre situation.",
    "legitimate-interest": (
        f"{_ALWAYS} ; les faire effacer ; vous opposer à leur traitement, pour des raisons tenant à votre situation."
    ),
}
_HOSTING: Final = (
    "à l'hébergement de vos données, pour un motif légitime (article L.1111-8 du code de la santé publique)"
)
_OCCUPATIONAL: Final = (
    "à ce que les autres professionnels du service accèdent à votre dossier, ou à sa transmission à un autre service "
    "(article L.4624-8 du code du travail) ; l'une ou l'autre opposition arrête la numérisation de votre dossier, et "
    "ce qui en est déjà numérisé n'est plus consulté"
)
_FORM_ITSELF: Final = (
    "Le formulaire que vous signez est lui aussi numérisé, chiffré et hébergé, comme preuve de votre choix."
)
_WITHDRAWAL: Final = (
    "À tout moment, sans avoir à vous justifier, vous pouvez retirer votre autorisation, à la même adresse. Le retrait "
    "vaut à partir du jour où il est reçu."
)
_FREE: Final = "Non : vous êtes libre d'accepter ou de refuser."
_CNIL: Final = (
    "Si vous pensez que vos droits ne sont pas respectés, vous pouvez adresser une réclamation à la CNIL : "
    "3, place de Fontenoy, TSA 80715, 75334 Paris Cedex 07 ; www.cnil.fr."
)
_THIN: Final = "\u202f"
_SPACE: Final = "\u00a0"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A question that a patient asks, and its answer."""

    question: str
    answer: str
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """One version of the notice, and what the form beside it needs of the contract."""

    version: str
    controller: str
    return_to: str
    paragraphs: tuple[Paragraph, ...]
    doc_types: Mapping[str, str]
    """Type -> its name on the form; empty: the contract names none."""

    def digest(self) -> str:
        """SHA-256 (hex) of RFC 8785 JSON: `{"controller": …, "paragraphs": [[question, answer, [point, …]], …]}`."""
        said = [[one.question, one.answer, list(one.points)] for one in self.paragraphs]
        return hashlib.sha256(rfc8785.dumps({"controller": self.controller, "paragraphs": said})).hexdigest()


def compose_notice(config: Config, version: str | None = None) -> Notice:
    """The notice that the configuration states; `version` in place of the configured one.

    Raises `StationFault("notice-setting-missing", setting=…)`: all that only the controller can say, and has not.
    """
    notice, client, contract = config.notice, config.client, config.contract
    needed = {
        "notice.version": version or notice.version,
        "client.dpo": client.dpo,
        "contract.subcontractor": contract.subcontractor,
        **{f"notice.{name}": getattr(notice, name) for name in _NEEDED},
    }
    missing = [setting for setting, said in needed.items() if said is None or said == ""]
    if missing:
        raise StationFault("notice-setting-missing", setting=", ".join(missing))
    return Notice(
        version=needed["notice.version"],
        controller=french(client.name),
        return_to=french(notice.address),
        paragraphs=tuple(_paragraphs(config)),
        doc_types={kind: french(name) for kind, name in notice.doc_types.items()},
    )


_NEEDED: Final = (
    "address",
    "purpose",
    "legal_reference",
    "categories",
    "source",
    "recipients",
    "host",
    "transfers",
    "retention",
    "rights_contact",
    "if_refused",
    "occupational_health",
)


def _paragraphs(config: Config) -> list[Paragraph]:
    notice, client, contract = config.notice, config.client, config.contract
    basis, article = _BASIS[contract.legal_basis]
    opposing = (_HOSTING, _OCCUPATIONAL) if notice.occupational_health else (_HOSTING,)
    told = (
        (
            "Qui est responsable ?",
            f"{client.name}, {_bare(notice.address)}. Délégué à la protection des données : {_bare(client.dpo)}.",
        ),
        ("Pourquoi ?", _sentence(notice.purpose)),
        (
            "Sur quel fondement ?",
            f"Sur {basis} ({article} ; {_bare(notice.legal_reference)}). {_BESIDE[contract.legal_basis]}",
        ),
        (
            "Quelles données, et d'où viennent-elles ?",
            f"{_sentence(notice.categories)} {_sentence(notice.source)}",
        ),
        (
            "Qui reçoit vos données ?",
            f"{_sentence(notice.recipients)} Le papier est numérisé par {_bare(contract.subcontractor)} ; la copie "
            f"chiffrée est conservée par {_bare(notice.host)}, hébergeur de données de santé. {_FORM_ITSELF} "
            f"{_sentence(notice.transfers)}",
        ),
        ("Combien de temps ?", _sentence(notice.retention)),
    )
    found = [Paragraph(french(question), french(answer)) for question, answer in told]
    rights = f"{_RIGHTS[contract.legal_basis]} Vous pouvez aussi vous opposer :"
    found.append(Paragraph(french("Quels sont vos droits ?"), french(rights), tuple(map(french, _listed(opposing)))))
    last = (
        ("Comment exercer vos droits ?", f"Adressez-vous à : {_bare(notice.rights_contact)}."),
        ("Et si vous changez d'avis ?", _WITHDRAWAL),
        ("Êtes-vous obligé de répondre ?", f"{_FREE} {_sentence(notice.if_refused)}"),
        ("Une réclamation ?", _CNIL),
    )
    return [*found, *(Paragraph(french(question), french(answer)) for question, answer in last)]


_ADDED: Final = "Votre autorisation est demandée en plus ; elle ne remplace pas ce fondement."
_BESIDE: Final = dict.fromkeys(_BASIS, _ADDED) | {"consent": "Vous le donnez, ou non, par le formulaire joint."}


def _listed(points: tuple[str, ...]) -> tuple[str, ...]:
    return (*(f"{point} ;" for point in points[:-1]), f"{points[-1]}.")


def _bare(text: str) -> str:
    return text.strip().rstrip(".").rstrip()


def _sentence(text: str) -> str:
    bare = _bare(text)
    return bare if bare.endswith(("?", "!", "»")) else f"{bare}."


def french(text: str) -> str:
    """The spaces that French sets before double signs and within quotation marks; none breaks a line."""
    text = re.sub(r"[ \u00a0\u202f]+([;?!])", rf"{_THIN}\1", text)
    text = re.sub(r"[ \u00a0\u202f]+([:»])", rf"{_SPACE}\1", text)
    text = re.sub(r"«[ \u00a0\u202f]+", f"«{_SPACE}", text)
    return text.replace("'", "’")
