"""The bounds of the checks: what an ordinary month looks like."""
