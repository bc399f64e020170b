import json, sys, collections
from .kinds import Pages
from pathlib import Path; exec(Path("/tmp/w/ax_axe.py").read_text())
def test_axe(pages: Pages, chromium):
    only=os.environ.get("ONLY")
    out = run({n:a for n,a in pages.shown.items() if not only or only in n}, chromium, sizes=((1280,900),) if os.environ.get("FAST") else ((1280,900),(390,844)), schemes=("light",) if os.environ.get("FAST") else ("light","dark"), options={"runOnly": ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice","experimental"]})
    Path("/tmp/w/ax_axe.json").write_text(json.dumps(out))
    c=collections.defaultdict(lambda: collections.defaultdict(set)); 
    for n,w,s,v in out:
        for pl in v["places"]: c[v["rule"]+" "+v["help"]][pl["html"]].add((n,w,s))
    for r,pl in c.items():
        print("##",r,len(pl))
        for h,ns in list(pl.items())[:12]: print("   ",h.replace("\n","⏎"),"|",len(ns),sorted(ns)[:2])
