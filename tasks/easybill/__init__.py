"""All work with easybill: customers, CSVs, drafts, and how they are delivered and withdrawn."""
