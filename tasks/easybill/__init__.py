"""All of tasks/ that speaks easybill: files, drafts, and their delivery."""
