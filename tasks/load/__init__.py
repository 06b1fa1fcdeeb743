"""What the OMS says of a month, and what earlier months still owe."""
