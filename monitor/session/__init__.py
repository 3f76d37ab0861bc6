"""The only way to the network: httpx behind `monitor.seams.Session`.

    client.py     HttpSession: pace per host, robots.txt, redirects, Retry-After
    notes.py      what is remembered of a host from one process to the next
    robots.py     what robots.txt says to us
    wire.py       one exchange over a real socket: deadlines, the size cap, every error in our words
    addresses.py  which addresses we never connect to
    redirects.py  where an answer sends us, and whether we go

Importing this package costs nothing; httpx and protego load with the first request.
"""

from monitor.session.client import HttpSession

__all__ = ["HttpSession"]
