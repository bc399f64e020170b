"""From a feed's address to safe items: values in, values out.

Nothing here knows Django, the database, the settings or the time of day; whoever calls passes those in. So each stage
runs as it is in a thread, in a child process or in a test:

    fetch -> decode -> parse -> normalize -> sanitize
"""
