"""What a study is asked to do: a spec, its data at hand, and the plan that follows from it."""
