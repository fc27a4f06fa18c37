"""Reads metrics pages with Prometheus's own parsers, as text and as OpenMetrics, and prints what it found.

metrics.py HOST:PORT...
"""

import sys
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"


def page(address, accept):
    request = urllib.request.Request("http://%s/metrics" % address, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def families(parser, text):
    found = {family.name: family for family in parser(text)}
    for family in found.values():
        assert family.documentation, family.name + " has no help"
        assert family.type != "unknown", family.name + " has no type"
    return found


for address in sys.argv[1:]:
    plain_type, plain_text = page(address, "text/plain")
    open_type, open_text = page(address, OPEN_METRICS)
    assert plain_type.startswith("text/plain; version=0.0.4"), plain_type
    assert open_type.startswith(OPEN_METRICS), open_type
    names = families(plain, plain_text).keys()
    found = families(open_metrics, open_text)
    assert names == found.keys(), sorted(names ^ found.keys())
    for family in found.values():
        for sample in family.samples:
            if sample.labels.get("topic") and "messages" in sample.name:
                print(sample.name, dict(sorted(sample.labels.items())), int(sample.value))
    print("families %d" % len(found))
