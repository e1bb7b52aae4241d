"""A stored document's images where they lie, those that were put back among them."""

from pipeline.packing import PackedImages
from pipeline.station import Station
from storage.spool import Spool


def images_of(station: Station, document: str, place: Spool) -> PackedImages:
    """In the order of its pages. Raises `StationFault("spool-missing")`, `TamperFault("spool-damaged")`."""
    with station.database.read() as session:
        positions = station.documents.positions(session, document)
    return PackedImages(place, document, positions)
