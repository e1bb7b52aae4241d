"""What becomes of files, told from their rows: the same whichever worker, on whichever machine, did the work."""

from collections.abc import Sequence

from pipeline.events import DocumentSettled, Event, FileSettled
from pipeline.sources import Tell
from pipeline.station import Station
from storage import accounts, work
from storage.deposits import find_receipt
from storage.pages import select_pages
from storage.times import write_time

_FINAL = frozenset({"settled", "set-aside", "duplicate"})


class Following:
    """The files that a run took, or found unfinished, until nothing of them is on its way."""

    def __init__(self, station: Station, tell: Tell) -> None:
        self._station = station
        self._tell = tell
        self._since = write_time(station.clock.now())
        self._told: dict[str, dict[str, tuple[str, str | None]]] = {}
        """File -> document -> the state and trouble it was told with."""
        self._rested: set[str] = set()
        """Files that were told with something still on its way, kept by a fault."""

    def follow(self, file: str) -> None:
        self._told.setdefault(file, {})

    def take_up(self, files: Sequence[str]) -> None:
        """Follow what an earlier run left; what was settled then is not told again."""
        with self._station.database.read() as session:
            standings = tuple(work.standings(session, files))
        for file in files:
            self.follow(file)
        for standing in standings:
            if standing.state != "in-progress":
                self._told[standing.file][standing.document] = (standing.state, None)

    def follows(self, file: str) -> bool:
        return file in self._told

    @property
    def moving(self) -> bool:
        """Whether something is on its way and not kept by a fault."""
        return len(self._rested) < len(self._told)

    def look(self) -> None:
        """Tell what became of documents and files since the last look."""
        if not self._told:
            return
        with self._station.database.read() as session:
            files = tuple(work.file_standings(session, tuple(self._told)))
            standings: dict[str, list[work.Standing]] = {}
            for standing in work.standings(session, tuple(self._told)):
                standings.setdefault(standing.file, []).append(standing)
        for file in files:
            self._look_at(file, standings.get(file.file, []))

    def _look_at(self, of: work.FileStanding, standings: list[work.Standing]) -> None:
        file, told, kept = of.file, self._told[of.file], self._kept(of)
        for standing in standings:
            now = standing.state, self._kept(standing) if standing.state == "in-progress" else None
            if now != told.get(standing.document) and now != ("in-progress", None):
                told[standing.document] = now
                self._tell(self._settled(standing, now[1]))
        if of.state in _FINAL:
            del self._told[file]
            self._rested.discard(file)
            self._tell(self._whole(file))
        elif self._rests(kept, standings):
            if file not in self._rested:
                self._rested.add(file)
                self._tell(self._whole(file, kept))
        else:
            self._rested.discard(file)

    def _rests(self, kept: str | None, standings: list[work.Standing]) -> bool:
        """Whether what is still on its way is kept by something, all of it; or the file itself is."""
        under_way = [standing for standing in standings if standing.state == "in-progress"]
        if not under_way:
            return kept is not None
        return all(self._kept(standing) is not None for standing in under_way)

    def _kept(self, standing: work.Standing | work.FileStanding) -> str | None:
        """What keeps a document or a file: a person's word, or a fault that was met since this run began."""
        met = standing.troubled_at is not None and standing.troubled_at >= self._since
        return standing.paused or (standing.trouble if met else None)

    def _settled(self, standing: work.Standing, trouble: str | None) -> Event:
        station = self._station
        with station.database.read() as session:
            stored = station.documents.document(session, standing.document)
            file = station.captured.file(session, standing.file)
            positions = station.documents.positions(session, standing.document)
            signed = find_receipt(session, stored.id) if stored and stored.state == "deposited" else None
        if stored is None or file is None:
            raise LookupError(standing.document)
        claim = stored.claim
        return DocumentSettled(
            document=stored.id,
            batch=stored.batch,
            file=file.id,
            name=file.name,
            pages=positions,
            patient=claim.patient if claim else None,
            doc_type=claim.doc_type if claim else None,
            outcome=stored.state,
            reason=stored.reason or trouble,
            look_at=positions[stored.look_at - 1] if stored.look_at else None,
            object_key=signed.receipt.object_key if signed else None,
            sha256=signed.receipt.plaintext_sha256 if signed else None,
            identified_by=stored.sources,
        )

    def _whole(self, file: str, kept: str | None = None) -> Event:
        station = self._station
        with station.database.read() as session:
            stored = station.captured.file(session, file)
            counted = accounts.form_images if stored and stored.kind == "authorizations" else accounts.images
            images = counted(session, files=[file])
            flags = {page.position: page.flags for page in select_pages(session, file=file, flagged=True)}
        if stored is None:
            raise LookupError(file)
        return FileSettled(
            file=file,
            batch=stored.batch,
            name=stored.name,
            sha256=stored.sha256,
            pages=images.captured,
            accounted=images.accounted,
            columns=images.columns,
            reason=stored.reason,
            kept=kept,
            flags=flags,
        )
