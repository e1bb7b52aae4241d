"""Paper to receipt: inbox, pages, split, identify, recognise, compose, and the journey."""
