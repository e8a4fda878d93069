"""The portal's settings on the stand: the faults' own tasks, a mail server, a shorter limit."""

import os

from portal.settings import *  # noqa: F403
from portal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.apps.FaultsConfig"]

if port := os.environ.get("FAULTS_SMTP_PORT"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(port)

if limit := os.environ.get("FAULTS_LIMIT"):
    CELERY_TASK_TIME_LIMIT, CELERY_TASK_SOFT_TIME_LIMIT = int(limit), int(limit) // 2
