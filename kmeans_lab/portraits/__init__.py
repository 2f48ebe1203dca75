"""Basin portraits: where k-means ends, from wherever one of its first centers is put."""
