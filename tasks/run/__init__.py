"""What a run has: what was asked, its connections, lease, log, failures and progress."""
