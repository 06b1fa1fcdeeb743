"""The month's report as artifacts in Prefect's UI."""
