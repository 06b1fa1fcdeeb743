"""The bounds of the checks."""
