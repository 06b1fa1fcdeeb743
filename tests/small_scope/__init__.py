"""Small scope: one customer, two lines, two runs, and every combination of what can befall them."""
