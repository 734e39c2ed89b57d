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
TEST_DEPS := mmdebstrap systemd-container iproute2 util-linux openssh-client putty-tools dbus libpam-modules libpam-pwquality \
	oathtool shellcheck zbar-tools sqlite3 man-db apparmor rpm strace valgrind
LINT_DEPS := lintian rpmlint selinux-policy-dev checkpolicy policycoreutils

# Times inside the packages are the commit's: two builds of one commit are the same, byte for byte (make reproducible).
# So are the paths in the programs, wherever they were built.
CARGO_DIR := $(or $(CARGO_HOME),$(HOME)/.cargo)
REMAPPED := RUSTFLAGS="--remap-path-prefix=$(CARGO_DIR)=/cargo --remap-path-prefix=$(CURDIR)=/sspr" \
	CFLAGS="-ffile-prefix-map=$(CARGO_DIR)=/cargo -ffile-prefix-map=$(CURDIR)=/sspr"
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || date +%s)
# For what packs alone: some crates with C in them are built anew when it changes.
DATED := SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH)

.PHONY: all build pages deb quick-deb rpm quick-rpm demo test lint lint-packages selinux reproducible bench fuzz memcheck \
	miri coverage build-deps test-deps lint-deps clean-dist

all: build

build-deps:
	@dpkg -s $(BUILD_DEPS) >/dev/null 2>&1 || { $(SUDO) apt-get update -q && $(APT) $(BUILD_DEPS); }

test-deps: build-deps
	@dpkg -s $(TEST_DEPS) >/dev/null 2>&1 || { $(SUDO) apt-get update -q && $(APT) $(TEST_DEPS); }

lint-deps: test-deps
	@dpkg -s $(LINT_DEPS) >/dev/null 2>&1 || { $(SUDO) apt-get update -q && $(APT) $(LINT_DEPS); }

# Manual pages and completions, from the programs themselves.
pages: build-deps
	rm -rf dist/share
	cargo run --locked --quiet -p sspr-agent --example generate -- dist/share
	install -D -m 644 packaging/man/pam_sspr.8 dist/share/man/man8/pam_sspr.8
	find dist/share/man -type f -exec gzip -9n {} +

# The module is built by itself: together with the agent it would get the agent's features of the crates they share.
build: build-deps
	$(REMAPPED) cargo build --locked --profile module -p pam_sspr
	$(REMAPPED) cargo build --locked --release -p sspr-agent --bins
	install -D -m 644 $(TARGET)/module/libpam_sspr.so $(MODULE)

deb: build pages
	@command -v cargo-deb >/dev/null || cargo install --locked cargo-deb
	rm -f dist/*.deb
	$(DATED) cargo deb --no-build --package sspr-agent --output dist/
	@ls -l dist/*.deb

# The same package from an unoptimised build, in seconds: for trying a change on a machine, SSPR_DEB=dist/quick/*.deb.
quick-deb: pages
	cargo build --locked -p pam_sspr
	install -D -m 644 $(TARGET)/debug/libpam_sspr.so $(MODULE)
	cargo build --locked -p sspr-agent --bins
	mkdir -p dist/quick && rm -f dist/quick/*.deb
	$(DATED) cargo deb --no-build --fast --profile dev --strip --package sspr-agent --output dist/quick/
	@ls -l dist/quick/*.deb

# The second one, with a version that will never be, is what the tests upgrade to.
define packed-rpm
$(DATED) cargo generate-rpm $(2) --target-dir $(TARGET) --package agent --output $(1)/
rm -rf $(1)/upgrade && mkdir -p $(1)/upgrade
$(DATED) cargo generate-rpm $(2) --target-dir $(TARGET) --package agent --set-metadata 'version = "99.0.0"' --output $(1)/upgrade/
@ls -l $(1)/*.rpm
endef

rpm: build pages
	@command -v cargo-generate-rpm >/dev/null || cargo install --locked cargo-generate-rpm
	rm -f dist/*.rpm
	install -D -m 755 $(TARGET)/module/libpam_sspr.so dist/rpm/pam_sspr.so
	$(call packed-rpm,dist)

# As quick-deb, SSPR_RPM=dist/quick/*.rpm.
quick-rpm: pages
	cargo build --locked -p pam_sspr
	install -D -m 755 $(TARGET)/debug/libpam_sspr.so dist/rpm/pam_sspr.so
	cargo build --locked -p sspr-agent --bins
	mkdir -p dist/quick && rm -f dist/quick/*.rpm
	$(call packed-rpm,dist/quick,--profile dev --payload-compress gzip)

# Units first, then the module against real libpam, the agent on a private bus, and machines with the package installed.
test: test-deps deb rpm
	cargo test --locked -p sspr-config --features settings
	SSPR_MODULE=$(CURDIR)/$(MODULE) cargo test --locked -p pam_sspr
	cargo test --locked -p sspr-agent
	cargo test --locked -p sspr-tests
	# What Debian 13 may do otherwise: its login, sshd, PAM, systemd and dpkg.
	SSPR_SUITE=trixie cargo test --locked -p sspr-tests --test console --test recover --test register --test setup --test upgrade

lint: lint-deps selinux lint-packages
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo clippy --locked -p pam_sspr --all-targets -- -D warnings
	cargo clippy --locked --workspace --exclude pam_sspr --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny check licenses bans sources
	# From RustSec's database, which is cargo-audit's too.
	@if cargo deny fetch db 2>/dev/null; then cargo deny check advisories; \
	else echo "advisories: not checked, their database is out of reach"; fi
	git ls-files -z '*.sh' .ci/run packaging/debian/preinst packaging/debian/postinst packaging/debian/prerm packaging/debian/postrm \
		packaging/rpm/pam-wiring | xargs -0 shellcheck

# What is in dist/; the filters and overrides have their reasons beside them.
lint-packages: lint-deps
	@for deb in dist/*.deb; do [ ! -e "$$deb" ] || lintian --fail-on error,warning --tag-display-limit 0 "$$deb"; done
	@for rpm in dist/*.rpm; do [ ! -e "$$rpm" ] || rpmlint --strict --config packaging/rpm/rpmlint.toml "$$rpm"; done

# The policy module for systems with SELinux; it is shipped as source and compiled here to see that it can be.
selinux: lint-deps
	rm -rf dist/selinux && mkdir -p dist/selinux
	cp packaging/selinux/sspr.te packaging/selinux/sspr.fc packaging/selinux/sspr.if dist/selinux/
	$(MAKE) --no-print-directory -C dist/selinux -f /usr/share/selinux/devel/Makefile sspr.pp

# Builds twice, in two directories, and compares. Slow.
reproducible: build-deps
	rm -rf dist/reproducible && mkdir -p dist/reproducible
	for n in one another-directory; do \
		git clone --quiet --no-hardlinks . "dist/reproducible/$$n"; \
		env -u CARGO_TARGET_DIR $(MAKE) -C "dist/reproducible/$$n" deb rpm; \
	done
	cd dist/reproducible && for file in one/dist/*.deb one/dist/*.rpm; do \
		cmp "$$file" "another-directory/$${file#one/}" && echo "the same: $${file##*/}"; \
	done

# The story on a throwaway machine; at a terminal, a login prompt to try at the end.
demo: test-deps deb
	cargo build --locked -p sspr-tests --bin demo
	$(SUDO) env "PATH=$$PATH" $(TARGET)/debug/demo

# Measures on machines with the built package, and writes docs/benchmarks.md; some twelve minutes. SSPR_BENCH=quick takes fewer
# samples, PARTS="peers alike" only these; both write nothing.
bench: test-deps deb
	$(REMAPPED) cargo build --locked --release -p sspr-tests --bin bench --bin bench-host
	$(SUDO) env "PATH=$$PATH" "SSPR_BENCH=$(SSPR_BENCH)" $(TARGET)/release/bench $(PARTS)

FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= settings arguments dialogue bus import templates

# Each for FUZZ_SECONDS, from fuzz/seeds and what earlier runs kept in fuzz/corpus. libFuzzer wants flags that stable has only
# behind RUSTC_BOOTSTRAP. The versions of the libraries are those that are shipped. A dialogue has a database with a thread of
# its own, which looks like a leak for a moment each time.
fuzz: build-deps
	@command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
	cp Cargo.lock fuzz/Cargo.lock
	RUSTC_BOOTSTRAP=1 cargo fuzz build --fuzz-dir fuzz
	for target in $(FUZZ_TARGETS); do \
		mkdir -p "fuzz/corpus/$$target"; \
		case $$target in dialogue) more="-detect_leaks=0 -len_control=0 -max_len=400" ;; *) more= ;; esac; \
		RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir fuzz "$$target" "fuzz/corpus/$$target" "fuzz/seeds/$$target" -- \
			-max_total_time=$(FUZZ_SECONDS) -timeout=20 -print_final_stats=1 $$more; \
	done

# The module as it is shipped, in real libpam under valgrind: every story of the tests. `make test` has one of them.
memcheck: test-deps build
	SSPR_MEMCHECK=1 SSPR_MODULE=$(CURDIR)/$(MODULE) cargo test --locked -p pam_sspr --test module -- behaviour:: memory::

# What Miri can run of the module: all but the sockets, pipes and memfds of the bus.
miri:
	@if cargo +nightly miri --version >/dev/null 2>&1; then \
		MIRIFLAGS=-Zmiri-disable-isolation cargo +nightly miri test --locked -p pam_sspr -- ffi:: args:: text:: words:: host::; \
	else echo "miri: not run, there is no nightly toolchain with it (rustup component add --toolchain nightly miri)"; fi

# Which lines of the code that decides are run by the tests, into docs/coverage.md. rustc's profiles are read by the tools of
# the LLVM that it is built with; Debian has them where rustup's component can't be fetched. The workspace's own crates alone
# are built to count, by perl: not by a shell, which would drop the variables with a dash in their names that cargo sets.
# What was started without an environment writes where it stands.
COVERAGE := dist/coverage
coverage: export LLVM_PROFILE_FILE = $(CURDIR)/$(COVERAGE)/%p-%m.profraw
coverage: export RUSTC_WORKSPACE_WRAPPER = $(CURDIR)/$(COVERAGE)/rustc
coverage: export SSPR_MODULE = $(TARGET)/debug/libpam_sspr.so
coverage: test-deps
	rm -rf $(COVERAGE) && mkdir -p $(COVERAGE)
	printf '#!/usr/bin/perl\nexec @ARGV, "-Cinstrument-coverage";\n' >$(COVERAGE)/rustc && chmod +x $(COVERAGE)/rustc
	{ cargo build --locked -p pam_sspr; cargo build --locked -p sspr-agent --bins; \
		cargo test --locked --no-run -p pam_sspr; cargo test --locked --no-run -p sspr-agent; } 2>&1 | tee $(COVERAGE)/built
	cargo test --locked -p pam_sspr -- --skip footprint --skip memory
	cargo test --locked -p sspr-agent
	llvm=$$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p'); \
	command -v "llvm-cov-$$llvm" >/dev/null || $(APT) "llvm-$$llvm"; \
	find agent pam_sspr -maxdepth 1 -name '*.profraw' -exec mv -t $(COVERAGE) {} +; \
	"llvm-profdata-$$llvm" merge --sparse -o $(COVERAGE)/all.profdata $(COVERAGE)/*.profraw; \
	"llvm-cov-$$llvm" export --format=lcov --instr-profile=$(COVERAGE)/all.profdata \
		$$(sed -n 's/^ *Executable .*(\(.*\))$$/--object=\1/p' $(COVERAGE)/built) --object="$$SSPR_MODULE" \
		--object=$(TARGET)/debug/sspr-agent --object=$(TARGET)/debug/sspr-credential >$(COVERAGE)/lcov
	env -u RUSTC_WORKSPACE_WRAPPER cargo run --locked --quiet -p sspr-tests --bin coverage <$(COVERAGE)/lcov
	@sed -n '/^| \*\*all/p' docs/coverage.md

clean-dist:
	rm -rf dist
