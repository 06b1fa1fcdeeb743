"""The order management system, read only: what it must offer, and how its rows are read."""
