"""What an ordinary month looks like: the bounds of the checks."""
