"""Fixtures that every test may use."""

pytest_plugins = [
    "tests.databases",
    "tests.easybill_sandbox",
    "tests.prefect_server",
    "tests.receiver",
    "tests.world",
    # After what it imports, whose asserts pytest would not rewrite otherwise.
    "tests.asking",
]
