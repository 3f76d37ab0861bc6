"""The command line: one file per command. Data on stdout, everything else on stderr."""
