"""The files that scanners make: TIFF, JPEG, PNG and PDF, page by page."""
