"""Every router of what the platform answers about a tenant's state. Owns their order alone."""

from fastapi import APIRouter

from watchkeeper.api.edits import router as edits
from watchkeeper.api.feedback import router as feedback
from watchkeeper.api.incidents import router as incidents
from watchkeeper.api.signals import router as signals
from watchkeeper.api.suppressions import router as suppressions
from watchkeeper.api.watches import router as watches

RESOURCES: tuple[APIRouter, ...] = (incidents, edits, feedback, signals, suppressions, watches)
"""In the order of the API's description."""
