"""The headers of the dashboard's pages, read from the template that sets them in the cloud."""

from typing import Any

from infra.deployment.templates import committed

POLICY = "DashboardHeaders"


def response_headers(connect: str) -> dict[str, str]:
    """Return the headers of the response-header policy, with this machine's address where people's data goes.

    Args:
        connect: what the pages may call besides their own origin, as in `http://127.0.0.1:4566`.
    """
    settings = _policy()["SecurityHeadersConfig"]
    directives = str(settings["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"][0])
    content_security = directives.replace("${Calls}", connect)
    return {
        "Content-Security-Policy": content_security,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": str(settings["ReferrerPolicy"]["ReferrerPolicy"]),
        "X-Frame-Options": str(settings["FrameOptions"]["FrameOption"]),
        **{item["Header"]: str(item["Value"]) for item in _policy()["CustomHeadersConfig"]["Items"]},
    }


def _policy() -> dict[str, Any]:
    resource: dict[str, Any] = committed("application").resources[POLICY]
    return dict(resource["Properties"]["ResponseHeadersPolicyConfig"])
