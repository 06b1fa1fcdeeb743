"""Real processes, really killed, and a wire that really breaks."""
