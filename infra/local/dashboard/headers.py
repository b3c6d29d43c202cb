"""The headers of the dashboard's pages, read from the template that sets them in the cloud."""

from typing import Any

from infra.deployment.templates import committed

POLICY = "Headers"


def response_headers(calls: str) -> dict[str, str]:
    """Return the headers of the response-header policy, with this machine's addresses where people's data goes.

    Left out is what is about encrypted connections only: there are none on one machine.

    Args:
        calls: what the pages may call besides their own origin, as in `http://127.0.0.1:4566`.
    """
    policy = _policy()
    settings = policy["SecurityHeadersConfig"]
    directives = str(settings["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"][0])
    return {
        "Content-Security-Policy": directives.replace("${Calls}", calls),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": str(settings["ReferrerPolicy"]["ReferrerPolicy"]),
        "X-Frame-Options": str(settings["FrameOptions"]["FrameOption"]),
        **{item["Header"]: str(item["Value"]) for item in policy["CustomHeadersConfig"]["Items"]},
    }


def _policy() -> dict[str, Any]:
    resource: dict[str, Any] = committed("dashboard").document["Resources"][POLICY]
    return dict(resource["Properties"]["ResponseHeadersPolicyConfig"])
