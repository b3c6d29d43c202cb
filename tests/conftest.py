"""What every test starts from: an environment that names no account and reaches no cloud."""

import os
import signal

# A run in the background of a shell ignores Ctrl-C, and so would every process that a test starts and interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)
for _name in list(os.environ):
    if _name.startswith(("AWS_", "STRATA_")) and _name != "STRATA_CACHE":
        del os.environ[_name]
os.environ |= {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "POWERTOOLS_METRICS_NAMESPACE": "Strata",
    "POWERTOOLS_SERVICE_NAME": "test",
}
