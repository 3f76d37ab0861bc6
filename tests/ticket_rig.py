"""A café with a review on each kind of site and people at its desk: what tests of a ticket's page stand on."""
