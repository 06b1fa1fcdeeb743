"""The work: pure nouns in billing, one verb per module."""
