# `make test` installs what is missing and runs every check that CI runs.
.PHONY: test setup demo bench bench-partition bench-store docs-images

test:
	@bash tests/run.sh

setup:
	@bash tests/setup.sh

demo:
	cargo run --release -- serve --demo

# Prints the figures of docs/benchmarks.md.
bench:
	@bash benches/run.sh

# Prints how even proposed grids are, and how long they take.
bench-partition:
	cargo bench --bench partition

# Import, start-up and memory with a million incidents on both stores.
bench-store:
	cargo build --release
	@python3 benches/store.py "$${CARGO_TARGET_DIR:-target}/release/gridmap"

# Renews the screenshots of the user guide.
docs-images:
	@DOCS_SCREENSHOTS=1 bash tests/e2e.sh
