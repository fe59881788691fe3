"""Every router of what the platform answers about a tenant's state. Owns their order alone."""

from fastapi import APIRouter

from watchkeeper.api.actions import router as actions
from watchkeeper.api.assets import router as assets
from watchkeeper.api.brake import router as brake
from watchkeeper.api.changes import router as changes
from watchkeeper.api.edits import router as edits
from watchkeeper.api.entities import router as entities
from watchkeeper.api.feedback import router as feedback
from watchkeeper.api.hunt import router as hunt
from watchkeeper.api.incidents import router as incidents
from watchkeeper.api.knowledge import router as knowledge
from watchkeeper.api.metrics import router as metrics
from watchkeeper.api.playbooks import router as playbooks
from watchkeeper.api.policy import router as policy
from watchkeeper.api.questions import router as questions
from watchkeeper.api.reports import router as reports
from watchkeeper.api.rules import router as rules
from watchkeeper.api.signals import router as signals
from watchkeeper.api.sources import router as sources
from watchkeeper.api.suppressions import router as suppressions
from watchkeeper.api.watches import router as watches

RESOURCES: tuple[APIRouter, ...] = (
    incidents,
    edits,
    feedback,
    suppressions,
    watches,
    signals,
    entities,
    rules,
    hunt,
    sources,
    assets,
    metrics,
    reports,
    knowledge,
    actions,
    policy,
    brake,
    questions,
    playbooks,
    changes,
)
"""In the order of the API's description."""
