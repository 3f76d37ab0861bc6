"""The two kinds of rewriter (`responders.rewriter`): a command of this machine and a chat server.

Both send what they are given and no more; what may leave the machine was decided before.
"""
