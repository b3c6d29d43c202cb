"""The dashboard on this machine: built from `web/`, and served as CloudFront serves it in the cloud."""
