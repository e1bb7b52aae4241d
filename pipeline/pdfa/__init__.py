"""PDF/A from the inside: the text layer, the drawing that is compared, veraPDF."""
