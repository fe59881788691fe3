"""STIX 2.1: objects, ids, markings, observables and patterns as the standard wants them. Owns no choice of what is told, and no reading."""
