# The portal's image: web, worker, beat and migrations are the same image with another command.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /srv/portail portail \
    && install -d -o portail -g portail /srv/portail /var/lib/portail /var/lib/portail/uploads

WORKDIR /srv/portail
ENV PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=portal.settings \
    DATA_DIR=/var/lib/portail

COPY requirements/runtime.txt requirements/runtime.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/runtime.txt

COPY . .
# Collected and compiled here, so that the running image writes nothing into its own code. The
# settings ask for addresses and a key, which no build step uses.
RUN SECRET_KEY=build DATABASE_URL=postgres:///build REDIS_URL=redis://build \
        python manage.py collectstatic --no-input \
    && python -m compileall -q -x '/tests/' .

USER portail
VOLUME /var/lib/portail
EXPOSE 8000
CMD ["gunicorn", "--preload", "--workers", "2", "--threads", "4", "--bind", "0.0.0.0:8000", \
     "--graceful-timeout", "30", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", \
     "--access-logfile", "-", "portal.wsgi:application"]
