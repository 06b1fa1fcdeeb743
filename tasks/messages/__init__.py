"""Who is told when a run ended badly, well, or never began."""
