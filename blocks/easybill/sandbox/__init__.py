"""A local easybill to rehearse on, over real HTTP."""
