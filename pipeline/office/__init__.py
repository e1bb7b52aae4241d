"""Around the work: founding a station, its health, questions and answers, what is printed."""
