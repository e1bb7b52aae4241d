"""One module a change of shape, oldest first."""
