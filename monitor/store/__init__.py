"""Keeps everything: one SQLite file, one writer at a time, history never overwritten.

`Store.open` gives the tables, each with the few questions the worker and people ask of it. Every change is
made inside `store.write()`, a BEGIN IMMEDIATE transaction: it is whole on disk or did not happen.
"""
