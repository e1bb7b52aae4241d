#!/bin/bash
# get.sh FOLDER: what training starts from, into FOLDER: base/ (a model's components), fonts/, words.txt, prose.txt.
# Wants apt (Debian 12), npm, and tesseract-ocr's combine_tessdata and dawg2wordlist.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mkdir -p "$1" && cd "$1" && pwd)
base=4.0.0_best_int
known=bf83833fa957ff0076f6aa93f69e3bdf7b014dea829ea0c0d6be6b48a3ceef6d

mkdir -p "$folder"/{base,packages,fonts,manuals}
cd "$folder/packages"
npm pack --silent @tesseract.js-data/fra@1.0.0 >/dev/null
tar -xzOf tesseract.js-data-fra-1.0.0.tgz "package/$base/fra.traineddata.gz" | gunzip >"$folder/base/fra.traineddata"
echo "$known  $folder/base/fra.traineddata" | sha256sum --check --quiet
combine_tessdata -u "$folder/base/fra.traineddata" "$folder/base/fra." >/dev/null 2>&1
dawg2wordlist "$folder"/base/fra.lstm-{unicharset,word-dawg} "$folder/words.txt" >/dev/null

grep -v '^#' "$here/packages-fonts.txt" | xargs apt-get download --quiet --quiet
for package in fonts-*.deb; do dpkg -x "$package" "$folder/fonts"; rm "$package"; done
grep -v '^#' "$here/packages-texts.txt" | xargs apt-get download --quiet --quiet
for package in *.deb; do dpkg -x "$package" "$folder/manuals"; rm "$package"; done
cd "$here/.."
"${PYTHON:-python3}" -m training.prose "$folder/manuals" "$folder/prose.txt"
