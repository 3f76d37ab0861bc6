"""The part of the step "numbers" about accounts: links that set a password by mail, second factors."""

ENTRY = """
"""
