"""Authorization forms: printed with the information notice, and taken back by their codes."""
