"""The nouns of billing: pure values, no I/O."""
