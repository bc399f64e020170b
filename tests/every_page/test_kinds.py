from .kinds import Pages
def test_x(pages: Pages):
    print(pages.unexpected)
    print(len(pages.shown), sum(len(a.body) for a in pages.shown.values()), pages.routes)
    import pathlib
    out = pathlib.Path("/tmp/w/ax_out"); out.mkdir(exist_ok=True)
    for n, a in pages.shown.items():
        (out / (n.replace("/", "_") + ".html")).write_bytes(a.body)
