"""The ledger: what was planned, sent, answered and billed, and which writes are permitted."""
