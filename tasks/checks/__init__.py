"""Whether a month makes sense, looked at before the first write to easybill."""
