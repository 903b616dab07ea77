# Two commands matter: `make run` and `make test`. Each sets the machine up first; both are thin over CMake's presets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.ONESHELL:

PRESET ?= release
PORT ?= 8000
ONCE ?=
OUT ?= build/hello.wav
TEXT ?= Hello world, how are you today?
BUILD := build/$(PRESET)
BOOTSTRAPPED ?= build run

# ONNX Runtime would else report its use from every test and tool, also from those that are not ours.
export ORT_DISABLE_TELEMETRY := 1
# So that a second clone finds what the first one compiled.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1

.PHONY: help run build test unit e2e lint clean
.DEFAULT_GOAL := help

help:  ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10
	echo "variables: PRESET=$(PRESET)  PORT=$(PORT)  OUT=$(OUT)  TEXT='$(TEXT)'  ONCE=1 (end after the sentence)"

run: build  ## set up, build, fetch Kokoro, speak one sentence to OUT, then serve on PORT
	@PORT='$(PORT)' ONCE='$(ONCE)' OUT='$(OUT)' TEXT='$(subst ','\'',$(TEXT))' exec scripts/run_once_or_serve $(BUILD)/hearth

build:  ## set up and build build/release/hearth and its helpers; starts and fetches nothing else
	@scripts/bootstrap $(BOOTSTRAPPED)
	cmake --preset $(PRESET) $(if $(VERBOSE),,-Wno-dev --log-level=WARNING)
	cmake --build --preset $(PRESET) --target product

unit: build  ## set up, build, unit tests (seconds; no network, no models)
	@cmake --build --preset $(PRESET)
	ctest --test-dir $(BUILD) --output-on-failure --no-tests=error -j 2

e2e: BOOTSTRAPPED = build run test
e2e: build  ## set up, build, end-to-end tests against the real model
	@cmake --build --preset $(PRESET)
	scripts/e2e $(BUILD)/hearth

test: BOOTSTRAPPED = build run test
test: unit  ## set up, build, unit and end-to-end tests
	@scripts/e2e $(BUILD)/hearth

lint:  ## layers, format, clang-tidy, thread-safety, static initialisers, scripts
	@scripts/bootstrap build run test lint
	scripts/lint

clean:  ## remove build/; downloads and models stay in their caches
	@rm -rf build
