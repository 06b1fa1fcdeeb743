"""easybill: account, client, errors, import layout, and a sandbox to rehearse on."""
