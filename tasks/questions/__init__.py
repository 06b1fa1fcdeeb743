"""The accountant's questions, each with its answer as a value and as text."""
