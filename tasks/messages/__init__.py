"""The messages: who is told when a run failed, when it succeeded, or when none began."""
