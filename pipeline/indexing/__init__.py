"""What a document is and of which day: proposed from its words, after the gate; never more than a proposal."""
