"""The bounds of the sense checks."""
