"""A whole planet in processes of its own, on loopback: stores, blogs, workers, web server, and what is seen of them.

It touches the site by its commands, its environment and its two tables of feeds and entries only, so that commits can
be compared.
"""
