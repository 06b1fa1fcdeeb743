"""easybill: account, client, import layout and a sandbox."""
