"""The report of a whole month: reconciled to the cent, and kept as files and artifacts."""
