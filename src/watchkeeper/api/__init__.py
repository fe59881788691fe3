"""The API: what people and programs may ask over HTTP, under `/api`. Parses, authorises and renders; it decides nothing else."""
