"""Words and days that are typed: the client's French ones, as in its sheets, and the program's, everywhere alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import click

a_day = click.DateTime(["%Y-%m-%d", "%d/%m/%Y"])


class Word(click.Choice[str]):
    """One of several words, whatever case, accents, blanks and hyphens; what it means is given on."""

    def __init__(self, meanings: Mapping[str, str], more: Mapping[str, str] | None = None) -> None:
        super().__init__(list(meanings))
        self._meanings = {_plain(word): meaning for word, meaning in {**meanings, **(more or {})}.items()}

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        meant = self._meanings.get(_plain(value))
        return meant if meant is not None else super().convert(value, param, ctx)


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold().strip())
    return "".join(c for c in letters if c.isalnum())


A_GIVER = Word(
    {
        "patient": "patient",
        "autorite_parentale": "parental-authority",
        "tuteur": "guardian",
        "parental-authority": "parental-authority",
        "guardian": "guardian",
    },
    {
        "patiente": "patient",
        "parent": "parental-authority",
        "parents": "parental-authority",
        "tutrice": "guardian",
        "curateur": "guardian",
        "curatrice": "guardian",
    },
)
AN_EVIDENCE = Word(
    {
        "formulaire_signe": "signed-form",
        "courriel": "e-mail",
        "oral": "oral",
        "signed-form": "signed-form",
        "e-mail": "e-mail",
    },
    {"formulaire": "signed-form", "mel": "e-mail", "mail": "e-mail", "orale": "oral"},
)
A_KIND = Word(
    {
        "accordee": "accordee",
        "limitee": "limitee",
        "refusee": "refusee",
        "retiree": "retiree",
        "information": "information",
        "deces": "deces",
        "opposition": "opposition",
        "opposition_acces": "opposition_acces",
        "opposition_transmission": "opposition_transmission",
        "opposition_levee": "opposition_levee",
        "opposition_acces_levee": "opposition_acces_levee",
        "opposition_transmission_levee": "opposition_transmission_levee",
        "granted": "accordee",
        "limited": "limitee",
        "refused": "refusee",
        "withdrawn": "retiree",
        "notice": "information",
        "deceased": "deces",
        "opposed": "opposition",
        "opposition-lifted": "opposition_levee",
    },
    {
        "accorde": "accordee",
        "limite": "limitee",
        "refuse": "refusee",
        "retire": "retiree",
        "informe": "information",
        "informee": "information",
        "decede": "deces",
        "decedee": "deces",
        "opposition_hebergement": "opposition",
        "opposition_hebergement_levee": "opposition_levee",
    },
)
A_READING = Word(
    {
        "accordee": "granted",
        "limitee": "limited",
        "refusee": "refused",
        "inutilisable": "unusable",
        "granted": "granted",
        "limited": "limited",
        "refused": "refused",
        "unusable": "unusable",
    }
)
A_VERDICT = Word({"ok": "ok", "rejetee": "rejected", "rejected": "rejected"})
