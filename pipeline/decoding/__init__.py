"""Strangers' bytes are opened here, each file in a process of its own that can do nothing else."""
