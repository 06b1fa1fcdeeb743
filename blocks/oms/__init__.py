"""The order management system, read only."""
