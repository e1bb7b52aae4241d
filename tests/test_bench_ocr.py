"""What the benchmark of the page engine counts, and that it reads files behind the gate, one PDF each."""

import os
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench import ocr_findings, ocr_promises
from bench.ocr_chart import Point, chart
from bench.ocr_engine import ClosedError, Settings, cleared, register
from bench.ocr_findings import Findings
from bench.ocr_papers import drawn
from bench.ocr_parts import FAST, Row
from bench.ocr_peer import CLEAN, DEFAULT, Peer
from bench.ocr_profile import Meter
from bench.ocr_real import lines_of
from bench.ocr_report import Heading, report
from bench.ocr_score import Ratios, Score, score, text_of, words
from bench.ocr_speed import APART, BOUND, FILES, Lap, Way
from bench.ocr_tree import memory, run, tree
from bench.pdfa import Asked
from consent_gate.model import DocumentId, PatientRef

ROOT = Path(__file__).parents[1]
DOCUMENT = DocumentId("01J00000000000000000000000")
LINES = ("Certificat médical", "Je soussigné certifie que l’état de santé", "Fait à Lyon le 12/06/2025")


# Words


def test_words_are_found_wherever_they_stand() -> None:
    read = "Lyon Fait à le 12/06/2025\nmédical Certificat"
    assert score(LINES, read).found == 7
    assert score(LINES, read).printed == 14


def test_a_word_printed_twice_counts_twice_only_if_it_is_found_twice() -> None:
    assert score(["cas par cas"], "cas par").found == 2
    assert score(["cas par cas"], "cas cas par cas").found == 3


def test_typographic_variants_are_no_misreadings() -> None:
    assert words("l’état – « cœur »\u00a0: 12\u202fmg") == words('l\'état - " cœur " : 12 mg')
    assert words("e\u0301tat") == words("état")


def test_a_misread_letter_loses_the_word() -> None:
    assert score(["Ordonnance du jour"], "0rdonnance du jour").found == 2


def test_errors_do_not_count_the_order_of_lines() -> None:
    found = score(LINES, "\n".join(reversed(LINES)))
    assert (found.errors, found.cer) == (0, 0.0)


def test_each_misread_character_is_one_error() -> None:
    found = score(["Certificat médical"], "Certificot médica1")
    assert (found.errors, found.characters) == (2, 18)


def test_a_line_that_is_not_there_is_lost_whole() -> None:
    found = score(["Certificat médical"], "")
    assert found.errors == found.characters == 18


def test_what_was_found_of_one_line_is_not_found_again_for_another() -> None:
    once = score(["Certificat médical", "Certificat médical"], "Certificat médical")
    assert once.errors >= 12
    assert score(["Certificat médical"] * 2, "Certificat médical Certificat médical").errors == 0


def test_scores_of_pages_add_up_by_words_not_by_pages() -> None:
    assert (Score(1, 1, 0, 0) + Score(0, 3, 0, 0)).recall == 0.25


# Pairs


def test_a_ratio_is_taken_pair_by_pair() -> None:
    assert Ratios.of([30, 10, 24], [10, 10, 4]) == Ratios(1.0, 3.0, 6.0)


def test_pairs_with_one_run_missing_are_no_pairs() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Ratios.of([1, 2], [1])


def lap(engine: str, wall: float, pages: int = 10, way: Way = FILES) -> Lap:
    return Lap(engine, way, pages, 0, wall, 1.0, 0, 0.0, 0, 1, None)


def test_a_round_that_one_engine_has_not_run_yet_does_not_count() -> None:
    findings = Findings(laps=[lap(FAST, 10), lap(DEFAULT, 30), lap(FAST, 10), lap(DEFAULT, 50), lap(FAST, 1)])
    assert findings.speed(FAST, DEFAULT, FILES) == Ratios(3.0, 4.0, 5.0)


def test_ways_of_putting_the_pages_are_not_mixed_but_for_the_peer_on_files_side_by_side() -> None:
    findings = Findings(laps=[lap(FAST, 10), lap(DEFAULT, 50), lap(DEFAULT, 30, way=APART)])
    findings.laps += [lap(FAST, 8, way=BOUND), lap(DEFAULT, 16, way=BOUND)]
    assert [findings.speed(FAST, DEFAULT, way) for way in (FILES, APART, BOUND)] == [
        Ratios(5.0, 5.0, 5.0),
        Ratios(3.0, 3.0, 3.0),
        Ratios(2.0, 2.0, 2.0),
    ]


def test_the_peer_is_run_on_every_file_whatever_its_name(tmp_path: Path) -> None:
    peer = tmp_path / "bin" / "ocrmypdf"
    peer.parent.mkdir()
    peer.write_text('#!/bin/sh\nfor last; do :; done\necho "$@" > "$last"\n')
    peer.chmod(0o700)
    files = [(tmp_path / name, tmp_path / f"{name}.pdf") for name in ("a b.jpg", "d'e.jpg", 'f".jpg')]
    command = Peer(tmp_path).commands(CLEAN, files, 1, 2, tmp_path / "files")
    assert subprocess.run(command, check=False).returncode == 0
    for source, target in files:
        assert target.read_text().endswith(f"--jobs 1 --deskew --rotate-pages --clean {source} {target}\n")


def test_an_engine_that_made_no_pdf_has_no_speed() -> None:
    assert lap(FAST, 10, pages=0).rate == 0


# Findings


def row(engine: str, found: int, *, size: int = 100, name: str = "p1", doc_type: str = "certificat") -> Row:
    return Row(engine, "seed-1", name, "office", doc_type, "jpeg", found, 100, 100 - found, 100, size, conforms=True)


def test_the_gain_is_over_the_better_of_the_peers_settings() -> None:
    rows = [row(FAST, 95), row(DEFAULT, 80), row(CLEAN, 88)]
    assert ocr_findings.gain(rows, FAST) == pytest.approx(7.0)


def test_bytes_are_compared_on_pages_that_both_made() -> None:
    rows = [row(FAST, 1, size=90), row(DEFAULT, 1), row(FAST, 1, size=5, name="p2"), row(DEFAULT, 1, size=0, name="p2")]
    found = ocr_findings.sizes(rows, FAST, DEFAULT)
    assert found is not None
    assert (found.pages, found.ratio) == (1, 0.9)


def kept(findings: Findings) -> dict[str, bool | None]:
    return {one.what: one.kept for one in ocr_promises.promises(findings)}


def test_a_promise_is_kept_by_its_figure_alone() -> None:
    better = [row(FAST, 96), row(DEFAULT, 80), row(CLEAN, 88)]
    assert kept(Findings(words=better))["words found, office and bad, points above the peer"] is True
    assert (
        kept(Findings(words=[row(FAST, 95), *better[1:]]))["words found, office and bad, points above the peer"]
        is False
    )


def test_one_document_type_below_the_peer_breaks_a_promise() -> None:
    rows = [row(engine, 99, name=engine) for engine in (FAST, DEFAULT, CLEAN)]
    worse = [row(FAST, 50, doc_type="ordonnance"), *(row(one, 51, doc_type="ordonnance") for one in (DEFAULT, CLEAN))]
    assert kept(Findings(words=rows))["the same, on the worst document type"] is True
    assert kept(Findings(words=[*rows, *worse]))["the same, on the worst document type"] is False


def test_what_was_not_measured_is_not_said_to_be_kept() -> None:
    assert set(kept(Findings()).values()) == {None}


def test_the_report_tells_recall_and_what_is_kept() -> None:
    peer = Peer(Path("nowhere"))
    words = [row(FAST, 96), row(DEFAULT, 80), row(CLEAN, 88)]
    told = report(Findings(words=words), Heading("2026-01-01", "a machine", 2, peer, "17.0", "command"), None)
    assert "| office | 1 | 96.0% / 4.0% | 80.0% / 20.0% | 88.0% / 12.0% | +8.0 |" in told.splitlines()
    assert "| words found, office and bad, points above the peer | at least 8 | +8.0 | yes |" in told.splitlines()


def test_findings_come_back_as_they_were_saved(tmp_path: Path) -> None:
    findings = Findings(laps=[lap(FAST, 3.5)], words=[row(FAST, 7)], notes=["a trial"], recognisers={FAST: "5.5"})
    findings.save(tmp_path / "findings.json")
    assert Findings.load(tmp_path / "findings.json") == findings


def test_the_chart_names_every_engine() -> None:
    drawing = chart([Point("ours & fast", 50.0, 0.97, ours=True), Point("theirs", 10.0, 0.85, ours=False)], "title")
    texts = [element.text or "" for element in ET.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314  ours
    assert any(text.startswith("ours & fast") for text in texts)
    assert any(text.startswith("theirs") for text in texts)


def test_handwritten_lines_of_a_real_page_are_left_out() -> None:
    root = ET.fromstring(  # noqa: S314  ours
        """<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#">
        <Tags><OtherTag ID="a" LABEL="DefaultLine:Handwritten"/><OtherTag ID="b" LABEL="DefaultLine:Print"/></Tags>
        <TextLine TAGREFS="a"><String CONTENT="signé"/></TextLine>
        <TextLine TAGREFS="b"><String CONTENT="Paris, le"/><String CONTENT="3 mai"/></TextLine></alto>"""
    )
    assert list(lines_of(root)) == ["Paris, le 3 mai"]


# What a program costs

BURN = "import time\nwhile time.process_time() < 0.3: pass"


def test_processor_time_of_a_childs_child_counts(tmp_path: Path) -> None:
    inner = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}])"
    ran = run([sys.executable, "-c", inner], tmp_path / "log")
    assert ran.code == 0
    assert ran.cpu >= 0.3


def test_memory_of_a_childs_child_counts() -> None:
    hold = "held = bytes(range(256)) * (1 << 18); print(flush=True); input()"
    inner = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    with subprocess.Popen([sys.executable, "-c", inner], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as outer:
        assert outer.stdout is not None
        outer.stdout.readline()
        sizes = [memory(process.pid) for process in tree(outer.pid)]
        outer.communicate(b"\n")
    assert len(sizes) == 2
    assert max(sizes) >= 64 << 20


def test_a_stage_within_another_is_counted_once() -> None:
    meter = Meter()
    with meter.stage("outer"), meter.stage("inner"):
        until = time.process_time() + 0.3
        while time.process_time() < until:
            pass
    spent = meter.profile("", 1).spent
    assert spent["inner"] >= 0.25
    assert spent["outer"] < spent["inner"]


# Our engine on files


def test_the_register_in_memory_authorizes_the_invented_patient_alone() -> None:
    assert cleared(DOCUMENT, register()).document == DOCUMENT
    with pytest.raises(ClosedError, match="patient-unknown"):
        cleared(DOCUMENT, register(), PatientRef("A1001"))


def pdfa(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "bench" / "pdfa.py"), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_each_input_gets_a_searchable_pdf_of_its_name_and_a_bad_one_stops_no_other(tmp_path: Path) -> None:
    papers = [paper for paper in drawn(tmp_path / "in") if paper.doc_type in {"ordonnance", "certificat"}]
    broken = tmp_path / "in" / "broken.tif"
    broken.write_bytes(b"II*\0")
    out = tmp_path / "out"
    ran = pdfa(*(paper.path for paper in papers), broken, "--out", out, "--verapdf", "never")
    assert ran.returncode == 1
    assert ran.stderr.splitlines() == ["broken.tif: truncated-scan"]
    assert sorted(path.name for path in out.iterdir()) == ["certificat.pdf", "ordonnance.pdf"]
    for paper in papers:
        assert score(paper.lines, text_of(out / f"{paper.path.stem}.pdf")).recall > 0.9


def test_two_inputs_that_would_be_one_pdf_are_refused(tmp_path: Path) -> None:
    settings = Settings(jobs=1)
    assert Asked((tmp_path / "a" / "scan.tif", tmp_path / "b" / "scan.pdf"), tmp_path, settings, None).refusal()
    assert not Asked((tmp_path / "a" / "scan.tif", tmp_path / "b" / "other.pdf"), tmp_path, settings, None).refusal()


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    own = tmp_path / "scan.pdf"
    own.write_bytes(b"%PDF-1.4")
    assert pdfa(own, "--out", tmp_path).returncode == 2
    assert own.read_bytes() == b"%PDF-1.4"
