"""Every setting of the portal, read from the environment and nowhere else."""

import os
from pathlib import Path

import environ
import structlog
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.urls import reverse_lazy
from kombu import Exchange, Queue

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# -- What the deployment says --
DEBUG = env.bool("DEBUG", default=False)
DEMONSTRATION = env.bool("DEMONSTRATION", default=False)
SECRET_KEY = env.str("SECRET_KEY")
BASE_URL = env.str("BASE_URL", default="http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".run" / "data")))
HTTPS = BASE_URL.startswith("https://")
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)  # of X-Forwarded-For

# -- PostgreSQL: two roles, owner for migrations, portal_app for everything else (D-30) --
DATABASE_URL = env.str("DATABASE_URL")
if os.environ.get("PORTAL_DATABASE_ROLE") == "owner":
    DATABASE_URL = env.str("DATABASE_OWNER_URL", default=DATABASE_URL)
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"].update(CONN_MAX_AGE=None, CONN_HEALTH_CHECKS=True)
DATABASES["default"].setdefault("OPTIONS", {}).update(
    connect_timeout=3,
    # A cut network is a 503 within 10 s, whether we speak (milliseconds) or listen.
    tcp_user_timeout=4000,
    keepalives_idle=3,
    keepalives_interval=1,
    keepalives_count=4,
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Applications, in the order of the arrows --
INSTALLED_APPS = [
    "portal",
    "members",
    "catalogue",
    "derogations",
    "orders",
    "billing",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "guardian",
    "pgtrigger",
    "csp",
    "django_htmx",
    "django_filters",
    "django_structlog",
    "phonenumber_field",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "django.forms",
]
INBOX_SOURCES = [
    "members.queries.inbox_items",
    "catalogue.queries.inbox_items",
    "derogations.queries.inbox_items",
    "orders.queries.inbox_items",
    "billing.queries.inbox_items",
]
HEALTH_SOURCES = ["derogations.queries.seals.seal_health"]
CONSOLE_GATE = "members.permissions.can"
CONSOLE_SOURCES = [
    "members.queries.console.console_entries",
    "catalogue.queries.console.console_entries",
    "derogations.queries.seals.console_entries",
    "derogations.queries.settings.console_entries",
    "orders.queries.console.console_entries",
    "billing.queries.staff_console.console_entries",
]
DEMONSTRATION_SOURCES = [
    "members.demonstration.load",
    "catalogue.demonstration.load",
    "derogations.demonstration.load",
    "orders.demonstration.load",
    "billing.demonstration.load",
]
ORDER_KINDS = "orders.kinds.OrderKind"  # what a contract's phase may accept

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.UnavailableMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "portal.middleware.LoggedRequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.middleware.PrivatePagesMiddleware",
    "portal.middleware.RefusalMiddleware",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "members.context.face",
            ],
            "builtins": ["django.templatetags.i18n", "portal.templatetags.portal"],
        },
    }
]
FORM_RENDERER = "portal.forms.PortalFormRenderer"

# -- Language: French is the source text (house.md §4) --
LANGUAGE_CODE = "fr-ca"
LANGUAGES = [("fr-ca", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "America/Montreal"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
PHONENUMBER_DEFAULT_REGION = "CA"
PHONENUMBER_DEFAULT_FORMAT = "NATIONAL"

# -- Who signs in, and how --
AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = False
# OWASP's first choice; what PBKDF2 hashed is hashed again at the next sign-in.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
    )
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("portal:home")
ACCOUNT_ADAPTER = "members.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600  # seconds
VERIFICATION_LIMIT = {"verify_document": "60/m/ip"}  # of /verifier/, in allauth's own words
MFA_ADAPTER = "members.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a key alone proves nobody (D-24)
MFA_TOTP_ISSUER = "Portail des services cellulaires"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

# -- Cache and queue: the database holds truth, the broker carries Celery only (D-51) --
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # a flood of keys must not push out the limits
    }
}
CELERY_BROKER_URL = env.str("REDIS_URL")
CELERY_BROKER_CONNECTION_TIMEOUT = 0.8  # seconds: a page never waits longer for the broker
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # the worker and the beat wait for it for ever
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,  # seconds, above the hard time limit
    "socket_connect_timeout": 0.8,
    "socket_timeout": 0.8,  # a broker that takes the connection and says nothing
    "max_retries": 0,
}
# Two queues, read in turn: the clock's tasks never wait behind a heap of promised work.
CELERY_TASK_DEFAULT_QUEUE = "clock"
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), name) for name in ("clock", "work")]
CELERY_TASK_ROUTES = {"portal.run_queued": {"queue": "work"}}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_IMPORTS = ["billing.demonstration.months"] if DEMONSTRATION else []
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 570
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # the worker's logs are JSON like the others
CELERY_BEAT_SCHEDULE = {
    "chain-journal": {
        "task": "portal.chain_journal",
        "schedule": 1.0,
        "options": {"expires": 2},
    },
    "sweep-queue": {"task": "portal.sweep_queue", "schedule": 10.0, "options": {"expires": 10}},
    "sweep-bill-storages": {
        "task": "billing.sweep_storages",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "sweep-grants": {"task": "members.sweep_grants", "schedule": 60.0, "options": {"expires": 60}},
    "sweep-signing-grants": {
        "task": "derogations.sweep_signing_grants",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "write-journal-head": {"task": "portal.write_journal_head", "schedule": 300.0},
    "remind-signers": {
        "task": "derogations.remind",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "expire-derogations": {
        "task": "derogations.expire",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "continue-held-orders": {
        "task": "orders.continue_held",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "tell-renewals": {
        "task": "orders.tell_renewals",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "sweep-seals": {
        "task": "derogations.sweep_seals",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "read-drop-folder": {
        "task": "billing.read_drop_folder",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "stamp-register": {
        "task": "derogations.stamp_register",
        "schedule": crontab(hour=4, minute=0),
    },
    "sweep-out": {"task": "portal.sweep_out", "schedule": crontab(hour=3, minute=30)},
}

# -- Mail --
if DEMONSTRATION:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
else:
    vars().update(env.email("EMAIL_URL", default="smtp://localhost:25"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="portail@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# -- Files --
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
HASHED = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
COMPRESSED = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": HASHED if DEMONSTRATION else COMPRESSED},  # a quicker first start
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000  # bytes
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "uploads"  # a package of bills is larger than a /tmp in memory
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# -- The seal of signed documents (signing.md §3.6): a key, a trusted time, the roots trusted --
SEAL = {
    "pkcs12": env.str("SEAL_PKCS12", default=""),
    "key": env.str("SEAL_KEY", default=""),
    "certificate": env.str("SEAL_CERTIFICATE", default=""),
    "passphrase": env.str("SEAL_PASSPHRASE", default=""),
    "root": env.str("SEAL_ROOT", default=""),
    "revocations": env.list("SEAL_REVOCATIONS", default=[]),
    "timestamp_url": env.str("TIMESTAMP_URL", default=""),
    "timestamp_root": env.str("TIMESTAMP_ROOT", default="") or env.str("SEAL_ROOT", default=""),
}

# -- Security --
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600  # seconds
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^sante$"]
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
SILENCED_SYSTEM_CHECKS = [
    "guardian.W001",  # no anonymous user row: nobody unnamed ever holds a grant
]

# -- Logs --
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": [
                structlog.processors.TimeStamper(fmt="iso"),
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
            ],
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
