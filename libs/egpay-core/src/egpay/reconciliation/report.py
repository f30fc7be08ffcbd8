"""What a sweep looked at and what it found: the answer to "did we miss anything?"."""

from collections import Counter

import msgspec

from egpay.ports.reconciliation import Finding, FindingKind


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`looked_at` counts events and objects; `findings` are those that had not come the usual way."""

    looked_at: int = 0
    findings: tuple[Finding, ...] = ()

    def __add__(self, other: "Report") -> "Report":
        """Both together."""
        return Report(looked_at=self.looked_at + other.looked_at, findings=self.findings + other.findings)

    def count(self, kind: FindingKind) -> int:
        """How many of a kind."""
        return Counter(finding.kind for finding in self.findings)[kind]
