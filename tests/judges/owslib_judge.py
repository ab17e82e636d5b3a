"""Reads a server with OWSLib as any client would; fails when something is off."""

import json
import sys
from urllib.request import urlopen

from owslib.ogcapi.features import Features


def main(url: str) -> None:
    service = Features(url + "/")
    landing = service.links
    rels = {link["rel"] for link in landing}
    for rel in ("self", "service-desc", "conformance", "data"):
        assert rel in rels, f"landing page has no link {rel}"
    conformance = service.conformance()["conformsTo"]
    assert any(uri.endswith("ogcapi-features-1/1.0/conf/core") for uri in conformance)
    # Features.api() knows the media type of OpenAPI 3.0 only.
    described = next(link["href"] for link in landing if link["rel"] == "service-desc")
    assert json.load(urlopen(described))["openapi"].startswith("3.1")
    names = service.feature_collections()
    assert names == ["grids", "compounds", "streets", "routes", "incidents"], names
    for name in names:
        about = service.collection(name)
        assert about["id"] == name
        page = service.collection_items(name, limit=3)
        assert page["numberReturned"] <= 3
        assert page["numberMatched"] >= page["numberReturned"]
        for feature in page["features"][:1]:
            one = service.collection_item(name, feature["id"])
            assert one["id"] == feature["id"]
            assert one["properties"] == feature["properties"]
        print(name, page["numberMatched"])
    box = service.collection("grids")["extent"]["spatial"]["bbox"][0]
    inside = service.collection_items("incidents", bbox=box, limit=1)["numberMatched"]
    day = service.collection_items("incidents", datetime_="2026-10-01/2026-10-02", limit=1)
    print("incidents in the box of the grids:", inside, "on one day:", day["numberMatched"])


if __name__ == "__main__":
    main(sys.argv[1])
