# What a contributor types. Needs Debian or Ubuntu, Rust, and root for the machine tests.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

TARGET := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
MULTIARCH := $(shell dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || gcc -print-multiarch)
MODULE := dist/module/$(MULTIARCH)/security/pam_sspr.so
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
APT := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends

BUILD_DEPS := build-essential pkg-config libpam0g-dev dpkg-dev
TEST_DEPS := mmdebstrap systemd-container iproute2 util-linux openssh-client putty-tools dbus libpam-modules oathtool shellcheck zbar-tools sqlite3

.PHONY: all build deb quick-deb rpm demo test lint bench build-deps test-deps clean-dist

all: build

build-deps:
	@dpkg -s $(BUILD_DEPS) >/dev/null 2>&1 || { $(SUDO) apt-get update -q && $(APT) $(BUILD_DEPS); }

test-deps: build-deps
	@dpkg -s $(TEST_DEPS) >/dev/null 2>&1 || { $(SUDO) apt-get update -q && $(APT) $(TEST_DEPS); }

# The module is built by itself: together with the agent it would get the agent's features of the crates they share.
build: build-deps
	cargo build --locked --profile module -p pam_sspr
	cargo build --locked --release -p sspr-agent --bins
	install -D -m 644 $(TARGET)/module/libpam_sspr.so $(MODULE)

deb: build
	@command -v cargo-deb >/dev/null || cargo install --locked cargo-deb
	rm -f dist/*.deb
	cargo deb --no-build --package sspr-agent --output dist/
	@ls -l dist/*.deb

# The same package from an unoptimised build, in seconds: for trying a change on a machine, SSPR_DEB=dist/quick/*.deb.
quick-deb: build-deps
	cargo build --locked -p pam_sspr
	install -D -m 644 $(TARGET)/debug/libpam_sspr.so $(MODULE)
	cargo build --locked -p sspr-agent --bins
	mkdir -p dist/quick && rm -f dist/quick/*.deb
	cargo deb --no-build --profile dev --strip --package sspr-agent --output dist/quick/
	@ls -l dist/quick/*.deb

rpm: build
	@command -v cargo-generate-rpm >/dev/null || cargo install --locked cargo-generate-rpm
	rm -f dist/*.rpm
	install -D -m 755 $(TARGET)/module/libpam_sspr.so dist/rpm/pam_sspr.so
	cargo generate-rpm --target-dir $(TARGET) --package agent --output dist/
	@ls -l dist/*.rpm

# Units first, then the module against real libpam, the agent on a private bus, and machines with the package installed.
test: test-deps deb
	cargo test --locked -p sspr-config --features settings
	SSPR_MODULE=$(CURDIR)/$(MODULE) cargo test --locked -p pam_sspr
	cargo test --locked -p sspr-agent
	cargo test --locked -p sspr-tests

lint: test-deps
	cargo fmt --all --check
	cargo clippy --locked -p pam_sspr --all-targets -- -D warnings
	cargo clippy --locked --workspace --exclude pam_sspr --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny check licenses bans sources
	@if cargo deny fetch db 2>/dev/null; then cargo deny check advisories; \
	else echo "advisories: not checked, their database is out of reach"; fi
	git ls-files -z '*.sh' .ci/run packaging/debian/postinst packaging/debian/prerm packaging/debian/postrm | xargs -0 shellcheck

# The story on a throwaway machine; at a terminal, a login prompt to try at the end.
demo: test-deps deb
	cargo build --locked -p sspr-tests --bin demo
	$(SUDO) env "PATH=$$PATH" $(TARGET)/debug/demo

# Measures on a machine with the built package, and writes docs/benchmarks.md.
bench: test-deps deb
	cargo build --locked -p sspr-tests --bin bench --bin bench-host
	$(SUDO) env "PATH=$$PATH" $(TARGET)/debug/bench

clean-dist:
	rm -rf dist
