"""PDF/A from the inside: images packed or in layers, the text layer, the file, the drawing, veraPDF."""
