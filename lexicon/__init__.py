"""Faults and sentences: what every room may say."""
