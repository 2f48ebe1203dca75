"""What is best: a search of another kind than starts, and for one feature the proven optimum."""
