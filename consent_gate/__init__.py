"""Who may be digitized: facts, the decision, and the clearance that all other rooms need."""
