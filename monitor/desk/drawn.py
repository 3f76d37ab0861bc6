"""A picture as the answer to a request."""

from starlette.responses import Response

from monitor.charts import POLICY, Picture


def drawn(picture: Picture) -> Response:
    """Its style sheet, and nothing else, may work in it, should somebody open it by itself."""
    return Response(picture.svg, media_type="image/svg+xml", headers={"Content-Security-Policy": POLICY})
