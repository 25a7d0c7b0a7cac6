# Everything a user types; `make help` lists it. The environment is made at first use.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup train evaluate predict clean-images check-annotations write-pairs smoke check-data project-sweep read-cines deidentify label simulate-cines reproduce reproduce-all list-experiments explain why compare dashboard sync check format test test-all lock clean

PROJECT ?= nerve_noisy_act
PROJECTS := $(notdir $(patsubst %/,%,$(dir $(wildcard projects/*/config.yaml))))
PYTHON := .venv/bin/python
RUN = $(PYTHON) -m projects.$(PROJECT)
OVERLAY = $(if $(CONFIG),--config $(CONFIG))
export UV_COMPILE_BYTECODE := 1

help: ## this list; with PROJECT=name, the project's commands, overlays and most used options
ifeq ($(origin PROJECT),command line)
	@$(MAKE) --no-print-directory -s setup && $(RUN) --help
else
	@echo "make TARGET [PROJECT=$(PROJECT)] [CONFIG=overlay name or path] [ARGS='--trainer.max_epochs=3 ...']"; echo
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 20
	@echo; echo "  projects: $(PROJECTS)"
endif

setup: .venv/ready ## make the environment (every other target does so by itself)

.venv/ready: requirements.lock
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check uv
	.venv/bin/uv pip install --quiet --python $(PYTHON) -r requirements.lock
	@touch $@

train: setup ## train PROJECT, test its best checkpoint, write its report
	$(RUN) fit $(OVERLAY) $(ARGS)

evaluate: setup ## measure CKPT= (a run folder or checkpoint) on the test images
	$(RUN) test --ckpt $(or $(CKPT),$(error CKPT=run folder or checkpoint is missing)) $(OVERLAY) $(ARGS)

predict: setup ## apply CKPT= to the images or cines in INPUT=, results to OUTPUT=
	$(RUN) predict --ckpt "$(CKPT)" --input "$(INPUT)" --output "$(OUTPUT)" $(ARGS)

clean-images check-annotations write-pairs: PROJECT = annotation_n2n

clean-images: setup ## take annotations off the images in INPUT=, into OUTPUT= (ARGS='--scale fit --whole')
	$(RUN) clean-images --ckpt "$(CKPT)" --input "$(INPUT)" --output "$(OUTPUT)" $(ARGS)

check-annotations: setup ## list what the images in INPUT= bear (ARGS='--required body_marker radial_line')
	$(RUN) check-annotations --ckpt "$(CKPT)" --input "$(INPUT)" --output "$(OUTPUT)" $(ARGS)

write-pairs: setup ## pairs of annotated images as a dataset in OUTPUT= (CONFIG=manifest ARGS='--data.source.csv=...')
	$(RUN) write-pairs --output "$(OUTPUT)" $(OVERLAY) $(ARGS)

smoke: setup ## the whole way in under a minute: a few batches, test, report
	$(RUN) fit $(OVERLAY) --trainer.max_epochs=1 --trainer.limit_train_batches=3 \
	  --trainer.limit_val_batches=2 --trainer.limit_test_batches=2 $(ARGS)

check-data: setup ## read every image, list what is wrong or contradictory, draw it
	$(RUN) check-data $(OVERLAY) $(ARGS)

project-sweep: setup ## coronal image of the tracked sweep INPUT= into OUTPUT= (ARGS='--slab_mm 20 60')
	$(PYTHON) -m core.sweeps "$(or $(INPUT),$(error INPUT=sweep.mha is missing))" \
	  --output "$(or $(OUTPUT),$(error OUTPUT=folder is missing))" $(ARGS)

read-cines: setup ## list what every cine in INPUT= is, or why it cannot be read (ARGS='--csv cines.csv')
	$(PYTHON) -m core.cines "$(or $(INPUT),$(error INPUT=folder is missing))" $(ARGS)

deidentify: setup ## rid the DICOM files in INPUT= of everything personal, into OUTPUT= (ARGS='--key KEYFILE')
	$(PYTHON) -m core.deidentify --input "$(or $(INPUT),$(error INPUT=folder is missing))" \
	  --output "$(or $(OUTPUT),$(error OUTPUT=folder is missing))" $(ARGS)

label: setup ## name the view of every cine in INPUT=, on a local web page (ARGS='--labeller NAME')
	$(PYTHON) -m core.labelling --input "$(or $(INPUT),$(error INPUT=folder is missing))" $(ARGS)

simulate-cines: setup ## simulated echo cines as DICOM files with invented patients, into OUTPUT=
	$(PYTHON) -m core.cines.simulate --output "$(or $(OUTPUT),$(error OUTPUT=folder is missing))" $(ARGS)

REPRODUCE = --size $(or $(SIZE),small) $(if $(JOBS),--jobs $(JOBS)) $(if $(RAY),--ray $(RAY)) $(ARGS)

reproduce: setup ## one of the paper's tables or figures: TABLE=table1 [SIZE=small|paper] [JOBS=n] [RAY=address]
	$(RUN) reproduce --table "$(TABLE)" $(REPRODUCE)

reproduce-all: setup ## every table and figure of PROJECT, of all projects without one: [SIZE= JOBS= RAY=]
	@failed=; for project in $(if $(filter command line environment,$(origin PROJECT)),$(PROJECT),$(PROJECTS)); do \
	  $(PYTHON) -m projects.$$project reproduce --table all $(REPRODUCE) || failed=1; done; test -z "$$failed"

list-experiments: setup ## write every reproduced table with its claims and verdicts into the README
	$(PYTHON) -m core.experiments.listing --into README.md

explain: setup ## every value of PROJECT's config and what set it: CONFIG= [ARGS='--only model.network --...']
	@$(RUN) explain $(OVERLAY) $(ARGS)

why: setup ## what differs between the runs A= and B=: config, code, data, environment, result
	@$(RUN) why --runs "$(or $(A),$(error A=run is missing))" "$(or $(B),$(error B=run is missing))" $(ARGS)

compare: setup ## RUNS='a b c' of PROJECT, or RUNS=all, held against each other on one page [OUTPUT=folder]
	$(RUN) compare --runs $(or $(RUNS),$(error RUNS=names of runs, or all, is missing)) $(if $(OUTPUT),--output "$(OUTPUT)") $(ARGS)

dashboard: setup ## workspace and report of PROJECT in W&B, made or updated; what they would be without a login
	$(PYTHON) -m core.dashboards projects/$(PROJECT)

sync: setup ## send offline runs to W&B: of PROJECT or all, or RUNS='a b' [DRY=1 only lists them]
	$(PYTHON) -m core.dashboards.sync $(RUNS) $(if $(filter command line environment,$(origin PROJECT)),--project $(PROJECT)) $(if $(DRY),--dry)

check: setup ## lint and types
	$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check . && $(PYTHON) -m mypy

format: setup ## put the code into its one format
	$(PYTHON) -m ruff check --fix . && $(PYTHON) -m ruff format .

test: setup ## the fast tests on all cores (ARGS='-n0 -k NAME' for one process and some of them)
	$(PYTHON) -m pytest -n logical --maxprocesses 8 --dist worksteal $(ARGS)

test-all: setup ## all tests, the slow ones too
	$(PYTHON) -m pytest -m "" $(ARGS)

lock: ## resolve pyproject.toml anew into requirements.lock
	.venv/bin/uv pip compile pyproject.toml --group dev --quiet --upgrade \
	  --no-header --no-annotate --no-emit-index-url -o requirements.lock

clean: ## remove caches and the environment; runs stay
	rm -rf .venv cache .mypy_cache .ruff_cache .pytest_cache
