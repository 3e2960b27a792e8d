"""All mutants."""

from tests.checks.mutation.mutants import (
    access,
    accounting,
    clients,
    decoding,
    holding,
    lifecycle,
    observing,
    requests,
    scheduling,
)

MUTANTS = (
    *accounting.MUTANTS,
    *holding.MUTANTS,
    *decoding.MUTANTS,
    *scheduling.MUTANTS,
    *requests.MUTANTS,
    *access.MUTANTS,
    *lifecycle.MUTANTS,
    *clients.MUTANTS,
    *observing.MUTANTS,
)
