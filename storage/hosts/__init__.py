"""Where envelopes go: one small port, one module a protocol."""
