"""What a run has: its request, connections, executor, lease, failures, progress and log."""
