# Every command of the project. Each makes .venv first if needed; only Python 3.11 to 3.14 and make are required.
# `make run PORT=8001`, `make test ARGS="tests/orders -x"`.

.DEFAULT_GOAL := run
.NOTPARALLEL:
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH VIRTUAL_ENV

anyPython := sh launcher/python.sh
python := .venv/bin/python
withServers := $(python) -m launcher.with_servers --
templates := find templates -name '*.html' -print0

.PHONY: run test check fix bench faults mutation a11y clean-data lock install-run install-dev \
	check-format check-lint check-templates check-compose check-imports check-types \
	check-migrations check-deploy

run: install-run
	@exec $(python) -m launcher.run

# Python's packages and Debian's at the same time.
install-run:
	@$(anyPython) -m launcher.system_packages run & packages=$$!; \
	$(anyPython) -m launcher.install runtime demo; installed=$$?; \
	wait $$packages && exit $$installed

install-dev:
	@$(anyPython) -m launcher.install runtime demo test quality

test: install-dev
	@$(anyPython) -m launcher.system_packages test
	$(python) -m pytest -n auto --dist worksteal $(ARGS)

# `make -k check` goes on after a failure and shows them all.
checks := format lint templates compose imports types migrations deploy
check: $(checks:%=check-%)
$(checks:%=check-%): install-dev

check-format:
	$(python) -m ruff format --check .
check-lint:
	$(python) -m ruff check .
check-templates:
	$(templates) | xargs -0 -r .venv/bin/djade --check --target-version 5.2
check-compose:
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
check-imports:
	.venv/bin/lint-imports

# What a production looks like, for the checks that read the settings; the key signs nothing.
check-types check-migrations check-deploy: export DEBUG = 0
check-types check-migrations check-deploy: export DEMONSTRATION = 0
check-types check-migrations check-deploy: export BASE_URL = https://portail.example.org
check-types check-migrations check-deploy: export ALLOWED_HOSTS = portail.example.org
check-types check-migrations check-deploy: export SECRET_KEY = \
	never-used-to-sign-anything-0123456789-abcdefghijklmnopqrstuvwxyz
check-deploy: export SEAL_PKCS12 = /etc/portail/seal.p12
check-deploy: export SEAL_ROOT = /etc/portail/seal-root.pem
check-deploy: export TIMESTAMP_URL = https://horodatage.example.org/

check-types: export DATABASE_URL = postgres:///none
check-types: export REDIS_URL = redis://none
check-types:
	$(python) -m mypy
check-migrations:
	$(withServers) $(python) manage.py makemigrations --check --dry-run
# Without the owner's address, as the worker is asked.
check-deploy:
	$(withServers) env -u DATABASE_OWNER_URL $(python) manage.py check --deploy --fail-level WARNING

fix: install-dev
	$(python) -m ruff check --fix .
	$(python) -m ruff format .
	$(templates) | xargs -0 -r .venv/bin/djade --target-version 5.2

bench faults mutation a11y: install-dev
	@$(anyPython) -m launcher.system_packages test
	$(python) -m tests.$@ $(ARGS)

clean-data:
	@$(anyPython) -m launcher.run_folder

# One lock file per group, without any registry's address. Later groups agree with runtime's versions.
compile := .venv/uv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --quiet
lock: install-dev
	$(compile) pyproject.toml -o requirements/runtime.txt $(ARGS)
	for group in demo test quality; do \
		$(compile) --group $$group -c requirements/runtime.txt -o requirements/$$group.txt $(ARGS) || exit 1; \
	done
	echo uv | $(compile) - -o launcher/uv.txt $(ARGS)
