"""What gateways and data services take along: each folder stands alone."""
