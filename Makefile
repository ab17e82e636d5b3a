# `make test` installs what is missing and runs every check that CI runs.
.PHONY: test setup demo bench bench-partition bench-store bench-tiles docs-images

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

# Tiles beside Martin + PostGIS in one run; needs `martin` 1.14.0 on the PATH, or MARTIN=path.
bench-tiles:
	cargo build --release --bin gridmap --example bare
	@python3 benches/tiles/run.py "$${CARGO_TARGET_DIR:-target}/release/gridmap" "$${CARGO_TARGET_DIR:-target}/release/examples/bare"

# Renews the screenshots of the user guide.
docs-images:
	@DOCS_SCREENSHOTS=1 bash tests/e2e.sh
