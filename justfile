# Shortcuts. `just` lists them; .ci/run is what decides.

# List the recipes.
default:
    @just --list --unsorted

# Build the program.
build:
    cargo build --release --locked

# Run every test.
test *arguments:
    cargo test {{ arguments }}

# Format, lint, spelling.
lint:
    cargo fmt --check
    cargo clippy --all-targets --locked -- -D warnings
    typos

# Write the generated files anew: the rule reference, the JSON Schema of rule files, the description of the service.
docs:
    TAOXI_WRITE_GENERATED=1 cargo test --test generated

# Run the self-tests of the shipped rules.
rules:
    cargo run --release --locked -- rules check
    cargo run --release --locked -- rules test

# Build the Python package, and run its lint, types and tests.
python *arguments: build
    clients/python/check {{ arguments }}

# Measure: speed and start-up.
bench *arguments:
    cargo bench {{ arguments }}

# Requests made up from the description of the service, right ones and wrong ones; needs Schemathesis (PyPI).
nonsense *arguments: build
    tests/bench/schemathesis.sh {{ arguments }}

# What the continuous integration runs, in its order.
ci:
    .ci/run
