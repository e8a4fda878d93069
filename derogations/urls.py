"""The derogations' addresses: the member's, the signer's own, ITQ's, and everybody's check."""

from derogations.urls_requests import request_patterns
from derogations.urls_signing import signing_patterns
from derogations.urls_verification import verification_patterns

app_name = "derogations"

urlpatterns = [*request_patterns, *signing_patterns, *verification_patterns]
