"""The nouns, pure: month, money, line item, invoice, digest, matches, issue and its words."""
