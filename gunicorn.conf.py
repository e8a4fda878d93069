"""Read by gunicorn from the project's folder, whatever starts it."""

worker_class = "portal.web.LeavingWorker"
