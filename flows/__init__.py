"""When work is done, and in what order: the deployments and the order of a month."""
