"""The portal's settings under test: the owner creates and flushes, each test runs as portal_app."""

import os

os.environ["PORTAL_DATABASE_ROLE"] = "owner"

from portal.settings import *  # noqa: F403
from portal.settings import MIDDLEWARE, TEMPLATES
from tests.undefined import Undefined

TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = Undefined()

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("whitenoise.")]
