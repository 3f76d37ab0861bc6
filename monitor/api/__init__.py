"""The API: what programs see of the desk and do at it, under `/api/v1`.

    app        the application and its table of operations
    calls      a request in its thread: who asks, by what, when
    entry      the token, throttled when it is none
    route      the token is looked at before anything else
    tickets    GET: tickets and one of them
    reviews    GET: reviews, as they come or as they change
    numbers    GET: how the work goes
    doing      POST: what is done to a ticket, a row each
    once       an Idempotency-Key: done once, whatever dies
    tags       ETag, If-None-Match, If-Match
    asked      what requests hold
    shapes     what answers hold
    problems   why something was not done (RFC 9457)
    document   the OpenAPI document

The same store, reports and actions as the desk and the command line; nothing is decided here.
"""
