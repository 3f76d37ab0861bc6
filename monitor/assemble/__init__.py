"""The composition root: a Config becomes an engine, reports and actions.

    held          the config that holds: the file's, and before it what the desk set
    wiring        what only sources and the analysis can tell of a config
    settled       what the config says: promises, people, cards, sources with their secrets
    tools         what works on it: the store, the network, mail, the analysis, the drafts
    application   the whole: jobs, the engine, what a person does

Heavy parts (the model, templates, httpx, the mail channel) are made when the first row needs them, so that a
pass with nothing to do stays cheap. Secrets are read only by what uses them.
"""

from monitor.assemble.application import Application
from monitor.assemble.held import held, read_held
from monitor.assemble.wiring import load_analyser, wiring_problems

__all__ = ["Application", "held", "load_analyser", "read_held", "wiring_problems"]
