"""Tesseract at arm's length: attempts, turns, words on their lines."""
