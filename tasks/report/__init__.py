"""The report of a whole month: taken stock of, reconciled to the cent, drawn up, kept."""
