"""The kinds of work, one file each. A job is due because of a row and is done when that row says so."""
