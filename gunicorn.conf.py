"""Read by gunicorn from the project's folder, whatever starts it."""

from portal.web import leave_at_once

worker_class = "portal.web.LeavingWorker"
worker_exit = leave_at_once
