"""Prefect's real UI, the sandbox's page and the report, in a real browser."""
