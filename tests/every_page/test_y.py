import os
from .kinds import Pages
from pathlib import Path; exec(Path("/tmp/w/ax_axe.py").read_text())
def test_shots(pages: Pages, chromium):
    folder=Path("/tmp/w/ax_shots")/os.environ["SHOTS"]; folder.mkdir(parents=True, exist_ok=True)
    names={"front":"front","about":"about","sources":"sources","source":"source, North","post":"post, Code","search":"search, found","searchhelp":"search","tag":"tag","404":"not found","submit":"submit","post2":"post, second part","month":"month","author":"author","why":"why"}
    with FeedServer() as server:
        for n in names.values():
            a=pages.shown[n]
            server.add("/"+quote(n, safe="")+".html", Answer(a.body, headers=a.headers))
            for f in _STATIC.findall(a.body.decode()): server.add(f, static_file(f))
        with chromium.borrowed("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1") as b:
            for w,s in ((1280,"light"),(390,"light"),(1280,"dark"),(390,"dark")):
                c=b.new_context(viewport={"width":w,"height":900},color_scheme=s, reduced_motion="reduce"); p=c.new_page()
                for k,n in names.items():
                    p.goto(server.url("/"+quote(n, safe="")+".html"))
                    p.screenshot(path=str(folder/f"{k}_{w}_{s}.png"))
