"""From a feed's address to safe items: values in, values out.

Nothing here knows Django, the database, the settings or the time of day; whoever calls passes those in. So each stage
runs as it is in a thread, in a child process or in a test:

    fetch -> decode -> parse -> normalize -> sanitize
"""

import sys
from types import ModuleType

# feedparser imports a detector of charsets if there is one, which takes a reading process 60 ms and 10 MB. `decode`
# hands on UTF-8, so it isn't needed. So feedparser is given one, by the name that it tries first, that knows nothing.


class _NoDetector(ModuleType):
    def detect(self, _: bytes) -> dict[str, str]:
        return {"encoding": ""}


sys.modules.setdefault("cchardet", _NoDetector("cchardet"))
