"""A month of the OMS, held against what was invoiced by hand in easybill."""
