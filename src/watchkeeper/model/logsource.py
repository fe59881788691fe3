"""Log source: what kind of log a batch of events comes from. Owns the native words; Sigma's routing reads them in `detection`."""

from watchkeeper.model.noun import Noun


class LogSource(Noun):
    """The product that wrote an event and which of its logs it stands in, in the product's own words."""

    product: str
    """Product: windows, linux, zeek, suricata, aws, azure, m365, or an alert mapping's name."""
    service: str = ""
    """Log of that product: the Windows channel as written ("Security"), the Zeek path ("conn"), auditd, sysmon, cloudtrail, alerts."""
    event_type: str = ""
    """Type of event within that log, same for a whole batch: Windows event id, auditd record type; empty where there is one type."""
