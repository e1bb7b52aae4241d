"""Invented records and a guided tour of the main job."""
