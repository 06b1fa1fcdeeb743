"""The ledger of what was billed, sent and answered."""
