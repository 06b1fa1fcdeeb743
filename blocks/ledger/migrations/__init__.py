"""Schema of the ledger, version by version."""
