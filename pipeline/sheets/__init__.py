"""Sheets for the printer that stand around the records: separators, Patch sheets, lists of what is not to be fed."""
