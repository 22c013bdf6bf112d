# The commands of the project. `make demo` and `make test` set up everything they need on a fresh
# Debian or Ubuntu machine; the others say what is missing.

export MQD_CORPUS ?= $(abspath ../shared/corpus)
LISTEN ?= 127.0.0.1:8000

.PHONY: help demo test lint fmt deny bench corpus textcheck fuzz look openapi setup

help:                ## what there is
	@grep -hE '^[a-z0-9-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | column -t -s '	'

setup:               ## install what is missing to build and to serve
	@scripts/setup run

demo: setup          ## install what is missing, build, and serve the demo corpus
	@. scripts/env && cargo build --release --locked --bin maquisdoc
	@. scripts/env && target=$$(scripts/target) && cd demo && \
		"$$target/release/maquisdoc" import --nodes maquis/noeuds.csv --relations maquis/relations.csv && \
		"$$target/release/maquisdoc" maintain && \
		"$$target/release/maquisdoc" serve --listen $(LISTEN)

test:                ## everything that CI runs
	@scripts/test

lint:                ## formatting, clippy with warnings denied, dependencies' licences
	@. scripts/env && cargo fmt --check && cargo clippy --workspace --all-targets --locked -- -D warnings
	@scripts/tidy

deny:                ## licences and advisories of the dependencies (needs cargo-deny and its database)
	@. scripts/env && cargo deny --locked check

fmt:                 ## format the code
	@. scripts/env && cargo fmt

bench:               ## benchmarks; what they print goes into docs/MEASUREMENTS.md
	@scripts/bench

corpus:              ## the whole pipeline over $$MQD_CORPUS
	@scripts/corpus

textcheck:           ## words of our pages against those of the PDF, 50 documents of each kind
	@scripts/textcheck

fuzz:                ## ten minutes of every fuzz target (needs cargo-fuzz)
	@scripts/fuzz

look:                ## screenshots of every kind of page, and documents beside their PDF, into screenshots/
	@scripts/look

openapi:             ## the compile service against its OpenAPI description (needs Python and PyPI)
	@scripts/schemathesis
