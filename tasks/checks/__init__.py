"""The checks of a month, made before the first write to easybill."""
