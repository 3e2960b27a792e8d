"""The HTTP transport: a REST call and a page for browsers. It converts between HTTP and domain values.

It needs the extra `edgeocr[web]`; `edgeocr.server.extras` loads it on demand.
"""
