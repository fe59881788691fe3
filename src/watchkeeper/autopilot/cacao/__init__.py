"""CACAO 2.0: playbooks as others write them. Owns export, import and what makes a document valid; nothing of a document is ever run.

Source: OASIS, CACAO Security Playbooks Version 2.0.
"""

from watchkeeper.autopilot.cacao.exporting import exported
from watchkeeper.autopilot.cacao.importing import Imported, imported
from watchkeeper.autopilot.cacao.validity import faults_of

__all__ = ["Imported", "exported", "faults_of", "imported"]
