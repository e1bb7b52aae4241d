"""Backups: a copy of the station, sealed for client and escrow, and what the host keeps since then (ADR 0021)."""
