"""How big a file and its pages may be; asked before anything is decoded (decompression bombs, endless files)."""

from dataclasses import dataclass

from lexicon.faults import SheetFault


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings of one file. The default pixels are A0 at 450 dpi and more."""

    max_pixels: int = 250_000_000
    """Of one page, width times height."""
    max_pages: int = 5_000
    max_bytes: int = 2_147_483_648

    def check_pixels(self, width: int, height: int) -> None:
        """SheetFault `too-many-pixels`."""
        if width * height > self.max_pixels:
            raise SheetFault("too-many-pixels", limit=self.max_pixels)

    def check_pages(self, count: int) -> None:
        """SheetFault `no-pages` or `too-many-pages`."""
        if count < 1:
            raise SheetFault("no-pages")
        if count > self.max_pages:
            raise SheetFault("too-many-pages", limit=self.max_pages)

    def check_bytes(self, size: int) -> None:
        """SheetFault `empty-file` or `too-many-bytes`."""
        if size < 1:
            raise SheetFault("empty-file")
        if size > self.max_bytes:
            raise SheetFault("too-many-bytes", limit=self.max_bytes)
