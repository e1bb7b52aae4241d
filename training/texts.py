"""Invented French texts as medical records have them: letters, tables, forms, and characters without sense."""
# ruff: noqa: PLR2004  shares, compared with chance

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from training.vocabulary import (
    ANALYTES,
    CHOICES,
    COMMON,
    DRUGS,
    FIRST,
    FORMS,
    HEADINGS,
    HOW,
    LABELS,
    LAST,
    MEDICAL,
    MONTHS,
    SENTENCES,
    STREETS,
    TOWNS,
    UNITS,
)

_SPOKEN: Final = re.compile(r"\{(\w+)\}")
_WORDLESS: Final = string.digits * 3 + string.ascii_letters + "éèêàçùîôûœÉÈÀ" + ".,;:/-+%()[]<>=*°'µ&@€#²"


@dataclass(slots=True)
class Texts:
    """Makes texts; `words` are any French words, most of which no record ever held."""

    random: Random
    words: Sequence[str]
    sentences: Sequence[str]
    """Of any French book: how words follow one another."""

    def number(self, most: int = 4) -> str:
        digits = self.random.choice((1, 1, 2, 2, 2, 3, 3, most))
        whole = str(self.random.randrange(10 ** (digits - 1) if digits > 1 else 0, 10**digits))
        if self.random.random() < 0.62:
            places = self.random.choice((1, 1, 2, 2, 3))
            whole += (",", ",", ",", ",", ".")[self.random.randrange(5)] + "".join(
                self.random.choices(string.digits, k=places)
            )
        elif len(whole) > 3 and self.random.random() < 0.5:
            whole = f"{whole[:-3]} {whole[-3:]}"
        return whole

    def date(self) -> str:
        day, month, year = self.random.randrange(1, 32), self.random.randrange(1, 13), self.random.randrange(1925, 2030)
        return self.random.choice(
            (f"{day:02}/{month:02}/{year}", f"{day:02}/{month:02}/{year}", f"{day:02}/{month:02}/{year % 100:02}",
             f"{day:02}.{month:02}.{year}", f"{day:02}-{month:02}-{year}", f"{day} {MONTHS[month - 1]} {year}",
             f"{day:02}/{month:02}/{year} {self.random.randrange(24):02}:{self.random.randrange(60):02}",
             f"{day:02}/{month:02}/{year} à {self.random.randrange(24)}h{self.random.randrange(60):02}")
        )  # fmt: skip

    def digits(self) -> str:
        """Telephone, INS and record numbers, codes."""
        pick = self.random.choices
        pairs = ["".join(pick(string.digits, k=2)) for _ in range(8)]
        long = "".join(pick(string.digits, k=15))
        return self.random.choice(
            (" ".join(["0" + pairs[0][0], *pairs[1:5]]), ".".join(["0" + pairs[0][0], *pairs[1:5]]), long,
             f"{pick('12')[0]} {pairs[0]} {pairs[1]} {pairs[2]} {long[:3]} {long[3:6]} {pairs[3]}",
             f"{pick('12')[0]}{long[:12]} {pairs[3]}", long[:11], long[:9], long[:6] + "/" + pairs[0],
             "".join(pick(string.ascii_uppercase, k=2)) + long[:6], f"{pairs[0]}{long[:3]} {self.town()}")
        )  # fmt: skip

    def town(self) -> str:
        return self.random.choice(TOWNS)

    def name(self) -> str:
        first, last = self.random.choice(FIRST), self.random.choice(LAST)
        title = self.random.choice(("", "", "M. ", "Mme ", "Dr ", "Docteur ", "Pr ", "Monsieur ", "Madame "))
        return title + self.random.choice(
            (f"{last.upper()} {first}", f"{first} {last}", f"{first} {last.upper()}", f"{last.upper()} {first.upper()}")
        )

    def address(self) -> str:
        more = self.random.choice(("", " bis", ",", ",", " ter,", ""))
        street = f"{self.random.randrange(1, 250)}{more} {self.random.choice(STREETS)}"
        town = f"{self.random.randrange(1000, 96000):05} {self.town()}"
        return self.random.choice((street, town, street, f"{street}, {town}", f"{town} - Tél. {self.digits()}"))

    def article(self) -> str:
        """Of a law or a code; what stands in brackets at the foot of forms."""
        pick = self.random.randrange
        number = f"{self.random.choice('LRDA')}. {pick(100, 9999)}-{pick(1, 130)}"
        return self.random.choice(
            (f"Article {number} du code de la {self.heard()}", f"art. {number}", f"(articles {number} et {number[3:]})",
             f"Arrêté du {self.date()}", f"Décret n° {pick(1950, 2030)}-{pick(1, 1999)} du {self.date()}",
             f"Cerfa n° {pick(10000, 16000)}*{pick(1, 12):02}", f"Page {pick(1, 12)} sur {pick(1, 30)}")
        )  # fmt: skip

    def acronym(self) -> str:
        """Capitals, with dots or without."""
        letters = self.random.choices(string.ascii_uppercase, k=self.random.choice((2, 3, 3, 4, 5)))
        return self.random.choice(("".join(letters), "".join(letters), ".".join([*letters, ""]).strip()))

    def word(self) -> str:
        share = self.random.random()
        if share < 0.42:
            return self.random.choice(COMMON)
        return self.random.choice(MEDICAL) if share < 0.72 else self.random.choice(self.words)

    def prose(self, count: int) -> str:
        """So many words: of a book, of a record, or of none."""
        share = self.random.random()
        if share < 0.4:
            line = self._quoted(count)
        elif share < 0.75:
            line = self._written(count)
        else:
            line = self._jumbled(count)
        return line.upper() if self.random.random() < 0.04 else line

    def _quoted(self, count: int) -> str:
        parts = self.random.choice(self.sentences).split()
        start = self.random.randrange(max(1, len(parts) - count + 1))
        parts = [
            self.random.choice(MEDICAL) if len(part) > 4 and self.random.random() < 0.08 else part for part in parts
        ]
        return " ".join(parts[start : start + count])

    def _written(self, count: int) -> str:
        said = _SPOKEN.sub(lambda found: str(getattr(self, found[1])()), self.random.choice(SENTENCES))
        parts = said.split()
        start = self.random.choice((0, 0, self.random.randrange(max(1, len(parts) - count + 1))))
        return " ".join(parts[start : start + count])

    def _jumbled(self, count: int) -> str:
        """Words and marks, with a number or a date now and then; the first has a capital."""
        parts = []
        for place in range(count):
            share = self.random.random()
            part = self.date() if share < 0.02 else self.number() if share < 0.05 else self.word()
            if share > 0.975:
                part = self.random.choice(
                    (f"({part})", f"« {part} »", f"{part} :", f"{part} ;", f"{part} ?", f'"{part}"', f"{part} !")
                )
            elif share > 0.86 and place < count - 1:
                part += self.random.choice((",", ",", "."))
            if share > 0.95 and part[0].islower():
                part = part.capitalize()
            parts.append(part)
        line = " ".join(parts)
        return line[0].upper() + line[1:] + self.random.choice((".", "", ""))

    def drug(self) -> str:
        return self.random.choice(DRUGS)

    def heard(self) -> str:
        return self.random.choice(MEDICAL)

    def prescription(self) -> str:
        drug, dose = (
            self.random.choice(DRUGS),
            self.random.choice((1000, 500, 250, 100, 75, 40, 20, 10, 5, 2.5, 0.25, 81, 160)),
        )
        unit = self.random.choice(("mg", "mg", "mg", "µg", "g", "UI", "mg/mL", "mL", "microgrammes"))
        form = self.random.choice(FORMS)
        how = self.random.choice(
            (*HOW, f"pendant {self.random.randrange(2, 30)} jours", f"{self.random.randrange(1, 5)} fois/jour")
        )
        told = f"{dose:g}".replace(".", ",")
        return self.random.choice(
            (f"{drug} {told} {unit} {form}", f"{drug} {told} {unit}, {how}", f"- {drug} {told}{unit} : {how}",
             f"{form} : {how}", how)
        )  # fmt: skip

    def analyte(self) -> str:
        one = self.random.choice(ANALYTES)
        share = self.random.random()
        return one.upper() if share < 0.1 else f"{one} :" if share < 0.15 else f"- {one}" if share < 0.18 else one

    def measured(self) -> str:
        mark = self.random.choices(
            ("", "* ", "*", "< ", "> ", "<", "+ ", "H ", "B ", "↑ ", "↓ ", "≤ ", "±"),
            (70, 5, 3, 6, 3, 2, 2, 1, 1, 2, 2, 1, 1),
        )[0]
        after = self.random.choices(
            ("", " *", "*", " H", " +", " ↑", " ↓", " (H)", " ***"), (80, 4, 3, 2, 2, 2, 2, 1, 1)
        )[0]
        return mark + self.number() + after

    def unit(self) -> str:
        one = self.random.choice(UNITS)
        return f"{one} {self.random.choice(('créat.', 'créat', 'Hb'))}" if "/g" in one or "/mmol" in one else one

    def interval(self) -> str:
        low, high = self.number(), self.number()
        return self.random.choice(
            (f"{low} à {high}", f"{low} - {high}", f"[{low} - {high}]", f"({low} - {high})", f"< {high}", f"> {low}",
             f"{low}-{high}", f"(N: {low} à {high})", f"de {low} à {high}", f"inf. à {high}", f"sup. à {low}",
             f"≤ {high}", f"≥ {low}", f"{low} – {high}", f"[{low}-{high}]", f"< à {high}", f"[{low} ; {high}]",
             f"{low}–{high} {self.unit()}", f"{low} - {high} {self.unit()}")
        )  # fmt: skip

    def heading(self) -> str:
        one = self.random.choice(HEADINGS)
        return one.upper() if self.random.random() < 0.2 else one

    def label(self) -> str:
        return self.random.choice(LABELS) + self.random.choice((" :", " :", " :", ":", ":", "", " ?"))

    def answer(self) -> str:
        return self.random.choice(
            (self.name, self.date, self.digits, self.address, self.unit_of, self.town, self.acronym)
        )()

    def unit_of(self) -> str:
        return f"{self.number()} {self.unit()}"

    def choice(self) -> str:
        return self.random.choice(CHOICES)

    def wordless(self) -> str:
        """Characters that no language foretells."""
        lengths = self.random.choices((1, 2, 3, 4, 5, 6, 8, 10), k=self.random.randrange(1, 5))
        return " ".join("".join(self.random.choices(_WORDLESS, k=length)) for length in lengths)

    def bullet(self) -> str:
        return self.random.choice(("• ", "• ", "- ", "* ", "→ ")) + self.prose(self.random.randrange(3, 8))

    def dressed(self, text: str) -> str:
        """With a typographer's apostrophe now and then."""
        return text.replace("'", "’") if "'" in text and self.random.random() < 0.3 else text
