"""A month's services from the OMS, as line items, and late services of earlier months."""
