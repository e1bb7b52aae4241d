"""Names, dates and numbers in a text, and the roster they are searched in."""
