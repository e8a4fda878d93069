# Every command of the project. Each makes .venv first if needed; only Python 3.11+ and make are required.
# `make run PORT=8001`, `make test ARGS="tests/orders -x"`.

.DEFAULT_GOAL := run
.NOTPARALLEL:
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH VIRTUAL_ENV

anyPython := @sh launcher/python.sh
python := .venv/bin/python
withServers := $(python) -m launcher.with_servers --
templates := find templates -name '*.html' -print0

# What a production looks like, for the checks that ask; nothing here is a real secret.
production := DEBUG=0 DEMONSTRATION=0 BASE_URL=https://portail.example.org \
	ALLOWED_HOSTS=portail.example.org \
	SECRET_KEY=never-used-to-sign-anything-0123456789-abcdefghijklmnopqrstuvwxyz

.PHONY: run test check fix bench faults mutation a11y clean-data lock install-run install-dev

run: install-run
	@exec $(python) -m launcher.run

install-run:
	$(anyPython) -m launcher.install runtime demo
	$(anyPython) -m launcher.system_packages run

install-dev:
	$(anyPython) -m launcher.install runtime demo test quality

test: install-dev
	$(anyPython) -m launcher.system_packages test
	$(python) -m pytest $(ARGS)

check: install-dev
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(templates) | xargs -0 -r .venv/bin/djade --check --target-version 5.2
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	.venv/bin/lint-imports
	$(production) DATABASE_URL=postgres:///none REDIS_URL=redis://none $(python) -m mypy
	$(production) $(withServers) $(python) manage.py makemigrations --check --dry-run
	$(production) $(withServers) $(python) manage.py check --deploy --fail-level WARNING

fix: install-dev
	$(python) -m ruff check --fix .
	$(python) -m ruff format .
	$(templates) | xargs -0 -r .venv/bin/djade --target-version 5.2

bench faults mutation a11y: install-dev
	$(anyPython) -m launcher.system_packages test
	$(python) -m tests.$@ $(ARGS)

clean-data:
	$(anyPython) -m launcher.run_folder

# One lock file per group, without any registry's address. Later groups agree with runtime's versions.
compile := .venv/uv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --quiet
lock: install-dev
	$(compile) pyproject.toml -o requirements/runtime.txt $(ARGS)
	for group in demo test quality; do \
		$(compile) --group $$group -c requirements/runtime.txt -o requirements/$$group.txt $(ARGS) || exit 1; \
	done
	echo uv | $(compile) - -o launcher/uv.txt $(ARGS)
