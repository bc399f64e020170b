"""A small community of invented blogs, and the loopback server that publishes them: what `make demo` gathers."""
