"""Report of a sweep: what it read and what it found, the answer to "did we miss anything?"."""

from collections import Counter

import msgspec

from egpay.ports.reconciliation import Finding, FindingKind


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Report: `looked_at` counts events and objects; `findings` are those that no webhook brought."""

    looked_at: int = 0
    findings: tuple[Finding, ...] = ()

    def __add__(self, other: "Report") -> "Report":
        """The sum of both reports."""
        return Report(looked_at=self.looked_at + other.looked_at, findings=self.findings + other.findings)

    def count(self, kind: FindingKind) -> int:
        """The number of findings of a kind."""
        return Counter(finding.kind for finding in self.findings)[kind]
