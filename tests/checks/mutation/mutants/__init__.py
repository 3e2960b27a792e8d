"""All mutants."""

from tests.checks.mutation.mutants import (
    access,
    accounting,
    clients,
    decoding,
    holding,
    lifecycle,
    messages,
    observing,
    requests,
    scheduling,
)

MUTANTS = (
    *accounting.MUTANTS,
    *holding.MUTANTS,
    *decoding.MUTANTS,
    *scheduling.MUTANTS,
    *messages.MUTANTS,
    *requests.MUTANTS,
    *access.MUTANTS,
    *lifecycle.MUTANTS,
    *clients.MUTANTS,
    *observing.MUTANTS,
)
