"""Several studies as one: their cells joined, their inits compared, one report."""
