# make run: the demo. make test: every test. See README.md.
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# The Debian packages that tests talk to; none of their services is started.
TEST_PACKAGES := snmp snmpd lldpd prometheus prometheus-snmp-exporter iproute2 iputils-ping nftables procps \
	traceroute dnsmasq-base openssh-server openssh-client
# What the comparison needs beside them.
BENCH_PACKAGES := snmp snmpd nftables iproute2 prometheus-snmp-exporter fping

.PHONY: run test test-deps lint format bench bench-deps soak ground-soak kill-sweep sweep false-downs \
	simulate simulate-whole fuzz templates leaks clones texts recordings clean

run: $(VENV)/.installed
	@exec $(BIN)/wanmon demo

# Four at a time, a file each, in the order of tests/conftest.py: those that talk to real programs begin, and mostly wait.
test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

test-deps:
	@tests/install_packages.sh $(TEST_PACKAGES)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# CPU, packets and bytes beside snmp_exporter's on real agents, the start-up of the command line, and echo beside fping.
bench: $(VENV)/.installed-dev
	$(BIN)/python tests/bench/poll_and_scrape.py
	$(BIN)/python tests/bench/state_steps.py
	$(BIN)/python tests/bench/echoes.py

bench-deps:
	@tests/install_packages.sh $(BENCH_PACKAGES)

# The slow ones, run by hand: Prometheus for two minutes, fifty kills, every history against the second-by-second model,
# and ten months of 177 sites on lossy lines.
soak: $(VENV)/.installed-dev
	WANMON_SOAK=1 $(BIN)/python -m pytest tests/real/test_demo.py

# Lines that are really cut, loss for half an hour, a poller that is away for ten minutes,
# half of the province silent: an hour.
ground-soak: $(VENV)/.installed-dev
	WANMON_SOAK=1 $(BIN)/python -m pytest -s tests/real/test_truth.py tests/real/test_gap.py tests/real/test_storm.py \
		tests/real/test_two_way.py

kill-sweep: $(VENV)/.installed-dev
	WANMON_KILLS=50 $(BIN)/python -m pytest -s tests/real/test_kill.py

sweep: $(VENV)/.installed-dev
	WANMON_SWEEP=1 $(BIN)/python -m pytest tests/health/test_availability_sweep.py

false-downs: $(VENV)/.installed-dev
	WANMON_SITE_MONTHS=1770 $(BIN)/python -m pytest -s tests/health/test_false_downs.py

# A million mutants of replies and a million forgeries: about ten minutes, a line for each batch with its seed.
fuzz: $(VENV)/.installed-dev
	WANMON_FUZZ=1000000 $(BIN)/python -m pytest -s tests/protocols/snmp/test_fuzz.py tests/protocols/snmp/test_forgeries.py

# A million hostile values through the commands that routers are given: half a minute, one line with the seed.
templates: $(VENV)/.installed-dev
	WANMON_TEMPLATES=1000000 $(BIN)/python -m pytest -s tests/platforms/test_templates_fuzz.py

# Ten thousand rounds with agents that answer every second time, one question in ten cancelled.
leaks: $(VENV)/.installed-dev
	WANMON_LEAKS=10000 $(BIN)/python -m pytest -s tests/protocols/snmp/test_leaks.py

# A thousand rounds over agents that share one SNMPv3 engine id, and agents that restart a hundred times.
clones: $(VENV)/.installed-dev
	WANMON_SOAK=1 $(BIN)/python -m pytest -s tests/protocols/snmp/test_secure_session.py tests/protocols/snmp/test_v3_judges.py

# A month of the simulated province with its faults; then a quarter of an hour of it without the shortcut, for its rate.
simulate: $(VENV)/.installed
	$(BIN)/wanmon lab run month
	$(BIN)/wanmon lab run month --full --days 0.01

# The whole province through a bad day, by the shortcut and every turn of it: nothing may tell them apart. Five minutes.
simulate-whole: $(VENV)/.installed-dev
	WANMON_SIMULATE=1 $(BIN)/python -m pytest -s tests/lab/test_shortcut.py

# A hundred thousand texts in every encoding, from the walk to the page.
texts: $(VENV)/.installed-dev
	WANMON_TEXTS=100000 $(BIN)/python -m pytest tests/metrics/test_texts.py

# Every engine walks all of every recorded agent (WANMON_WALKS names their folder): three minutes.
recordings: $(VENV)/.installed-dev
	WANMON_RECORDINGS=1 $(BIN)/python -m pytest tests/real/test_recordings.py tests/real/test_recorded_engines.py

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "installing wanmon into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed pyproject.toml constraints.txt
	@echo "installing the tests' tools into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	@touch $@
