"""Pages that test whether a browser asks, which a server puts in the place of what was asked for."""

from __future__ import annotations

import re

MAX_CHALLENGE_BYTES = 16 * 2**10
"""Of a page, from its beginning, in which such marks are looked for: these pages are short."""

# Of Cloudflare, Anubis, Sucuri, Imperva, DDoS-Guard, Amazon, DataDome, HUMAN, go-away and Vercel.
_MARKS = (
    r"/cdn-cgi/challenge-platform/|cf[_-]chl[_-]|cf-browser-verification|anubis_challenge|sucuri_cloudproxy"
    r"|_Incapsula_Resource|ddos-guard|AwsWafIntegration|awsWafCookie|captcha-delivery\.com|px-captcha"
    r"|/\.well-known/\.git\.gammaspectra\.live/|Vercel Security Checkpoint"
    r"|<title>\s*(?:Just a moment|You are being redirected)\.\.\."
)


def is_challenge(head: str) -> bool:
    """Whether a page that begins so tests for robots."""
    return bool(re.search(_MARKS, head, re.IGNORECASE))
