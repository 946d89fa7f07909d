"""What a browser may do on the site's pages: headers for static hosts and for nginx.

No page of ours has a script or a style of its own in it (a test holds the theme to that), so the policy needs
neither hashes nor exceptions: whatever is slipped into a page cannot run (CSP Level 3).
"""

from typing import Final
from urllib.parse import urlsplit

HEADERS: Final = "_headers"
"""Read by Cloudflare Pages, Netlify and others, and by `deflector serve --site`."""
NGINX: Final = "nginx-headers.conf"
"""For `include` in the server block."""


def policy_files(deflector: str) -> dict[str, str]:
    """Write the headers down; `deflector` is where the form lives, "" where it shares the site's address."""
    headers = {
        "Content-Security-Policy": content_security_policy(deflector),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
    }
    lines = "".join(f"  {name}: {value}\n" for name, value in headers.items())
    return {
        HEADERS: f"/*\n{lines}",
        NGINX: "".join(f'add_header {name} "{value}" always;\n' for name, value in headers.items()),
    }


def content_security_policy(deflector: str) -> str:
    """Say what pages may load and where their forms may go; nothing from anywhere else."""
    parts = urlsplit(deflector)
    is_elsewhere = parts.scheme in ("http", "https") and bool(parts.netloc)
    ours = f"'self' {parts.scheme}://{parts.netloc}" if is_elsewhere else "'self'"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "media-src 'self'",
            f"connect-src {ours}",
            f"form-action {ours}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
