"""Faithful local copies of the five review sites, for the demo, the tests and load.

World     the truth: cards, reviews, replies, and what is wrong with each site today
sites     World + Request → Response, one pure renderer per site
StandIn   the loopback server around them
"""
