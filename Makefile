# The targets for contributors. They need Debian or Ubuntu, Rust, and root for the machine tests.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

TARGET := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
MODULE := $(TARGET)/module/libpam_sspr.so
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
APT := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends

BUILD_DEPS := build-essential pkg-config libpam0g-dev dpkg-dev
RPM_DEPS := rpm
TEST_DEPS := mmdebstrap systemd-container iproute2 util-linux openssh-client putty-tools dbus libpam-modules libpam-pwquality \
	oathtool locales shellcheck zbar-tools sqlite3 man-db apparmor strace valgrind postgresql pgbouncer procps
LINT_DEPS := lintian rpmlint selinux-policy-dev checkpolicy policycoreutils

VERSION := $(shell sed -n 's/^version = "\(.*\)"$$/\1/p' Cargo.toml)

# Times inside the packages are the commit's, so two builds of one commit are byte-for-byte the same (make reproducible).
# The paths in the programs don't depend on where they were built, either.
CARGO_DIR := $(or $(CARGO_HOME),$(HOME)/.cargo)
REMAPPED := RUSTFLAGS="--remap-path-prefix=$(CARGO_DIR)=/cargo --remap-path-prefix=$(CURDIR)=/sspr" \
	CFLAGS="-ffile-prefix-map=$(CARGO_DIR)=/cargo -ffile-prefix-map=$(CURDIR)=/sspr"
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || date +%s)
# Only for packaging: some crates with C code are rebuilt when it changes.
DATED := SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH)

# All crates but the module, always selected together: a crate that two of them share is built once, with the features of both.
# The module is built separately, with its own features.
ALL := --locked --workspace --exclude pam_sspr
PROGRAMS := --bin sspr --bin sspr-agent --bin sspr-credential --bin sspr-directory

.PHONY: all build quick pages install deb quick-deb rpm quick-rpm images demo demo-fleet test test-units test-machines test-full lint \
	lint-fmt lint-shell lint-words lint-clippy lint-doc lint-licences lint-selinux lint-packages cargo-deny reproducible bench fuzz memcheck \
	miri coverage build-deps rpm-deps test-deps lint-deps clean-dist

all: build

build-deps:
	@dpkg -s $(BUILD_DEPS) >/dev/null 2>&1 || { $(SUDO) apt-get update -q && $(APT) $(BUILD_DEPS); }

rpm-deps: build-deps
	@dpkg -s $(RPM_DEPS) >/dev/null 2>&1 || { $(SUDO) apt-get update -q && $(APT) $(RPM_DEPS); }

test-deps: rpm-deps
	@dpkg -s $(TEST_DEPS) >/dev/null 2>&1 || { $(SUDO) apt-get update -q && $(APT) $(TEST_DEPS); }

lint-deps: test-deps
	@dpkg -s $(LINT_DEPS) >/dev/null 2>&1 || { $(SUDO) apt-get update -q && $(APT) $(LINT_DEPS); }

# The shipped programs.
build: build-deps
	$(REMAPPED) cargo build --locked --profile module -p pam_sspr
	$(REMAPPED) cargo build --locked --release -p sspr-agent -p sspr-cli --bin sspr --bin sspr-agent
	# Separately: root's program must not get features that only the other programs need.
	$(REMAPPED) cargo build --locked --release -p sspr-credential
	$(REMAPPED) cargo build --locked --release -p sspr-directory

# The same, unoptimised, as the tests build it too; and the program that writes the pages.
quick: build-deps
	cargo build --locked -p pam_sspr
	cargo build $(ALL) $(PROGRAMS) --bin demo --example generate

# Manual pages and completions, from the programs themselves.
pages: build-deps
	cargo build $(ALL) --example generate
	rm -rf dist/share
	$(TARGET)/debug/examples/generate dist/share
	install -D -m 644 packaging/man/pam_sspr.8 dist/share/man/man8/pam_sspr.8
	find dist/share/man -type f -exec gzip -9n {} +

# FAMILY=rpm lays out the files for systems with rpm.
FAMILY ?= debian
install: build pages
	packaging/install.sh $(FAMILY) $(TARGET)/release $(MODULE) dist/share "$(DESTDIR)"

# Additions to sspr; `tests/src/image.rs` finds each by its name.
ADDITIONS := sspr-directory sspr-server cockpit-sspr

# Packs the programs in $(1) and the module $(2) into $(3), with the options $(4) for pack.sh and $(5) for install.sh.
# Additions to sspr go into a folder below.
define packed-deb
rm -rf $(3)/staged-deb $(3)/*.deb $(3)/additions/staged-deb $(3)/additions/*.deb
$(5) packaging/install.sh debian $(1) $(2) dist/share $(3)/staged-deb sspr
$(DATED) packaging/debian/pack.sh sspr $(3)/staged-deb $(3) $(VERSION)-1 $(4)
for package in $(ADDITIONS); do \
	$(5) packaging/install.sh debian $(1) $(2) dist/share $(3)/additions/staged-deb/$$package $$package; \
	$(DATED) packaging/debian/pack.sh $$package $(3)/additions/staged-deb/$$package $(3)/additions $(VERSION)-1 $(4); \
done
@ls -l $(3)/*.deb $(3)/additions/*.deb
endef

FAST_RPM := --define "_binary_payload w1.gzdio"

# The second package, with a version that will never exist, is for the tests of upgrades.
define packed-rpm
rm -rf $(3)/staged-rpm $(3)/upgrade $(3)/*.rpm $(3)/additions/staged-rpm $(3)/additions/*.rpm
$(5) packaging/install.sh rpm $(1) $(2) dist/share $(3)/staged-rpm sspr
$(DATED) packaging/rpm/pack.sh sspr $(3)/staged-rpm $(3) $(VERSION) $(4)
$(DATED) packaging/rpm/pack.sh sspr $(3)/staged-rpm $(3)/upgrade 99.0.0 $(FAST_RPM)
for package in $(ADDITIONS); do \
	$(5) packaging/install.sh rpm $(1) $(2) dist/share $(3)/additions/staged-rpm/$$package $$package; \
	$(DATED) packaging/rpm/pack.sh $$package $(3)/additions/staged-rpm/$$package $(3)/additions $(VERSION) $(4); \
done
@ls -l $(3)/*.rpm $(3)/additions/*.rpm
endef

deb: build pages
	$(call packed-deb,$(TARGET)/release,$(MODULE),dist)

rpm: build pages rpm-deps
	$(call packed-rpm,$(TARGET)/release,$(MODULE),dist,--define "_binary_payload w19.zstdio")

# The same packages, built in a minute or two, to try a change on a machine: SSPR_DEB=dist/quick/*.deb.
quick-deb: quick pages
	$(call packed-deb,$(TARGET)/debug,$(TARGET)/debug/libpam_sspr.so,dist/quick,-Zgzip -z1,STRIP=--strip)

quick-rpm: quick pages rpm-deps
	$(call packed-rpm,$(TARGET)/debug,$(TARGET)/debug/libpam_sspr.so,dist/quick,$(FAST_RPM),STRIP=--strip)

# The Debian images for the test machines, if they are not in the cache yet.
images: test-deps
	$(SUDO) tests/image/make.sh bookworm
	$(SUDO) tests/image/make.sh trixie
	$(SUDO) tests/image/make.sh bookworm $$(cat tests/image/company)
	$(SUDO) tests/image/make.sh bookworm $$(cat tests/image/programs)
	$(SUDO) tests/image/make.sh bookworm $$(cat tests/image/browser)
	$(SUDO) tests/image/make.sh bookworm $$(cat tests/image/screens)
	$(SUDO) tests/image/npm.sh
	$(SUDO) tests/image/make.sh bookworm rpm
	$(SUDO) tests/image/make.sh bookworm modemmanager
	$(SUDO) tests/image/make.sh bookworm ansible-core python3-apt
	$(SUDO) tests/image/make.sh bookworm postgresql
	$(SUDO) tests/image/make.sh trixie postgresql
	$(SUDO) tests/image/make.sh bookworm haproxy
	$(SUDO) tests/image/servers.sh trixie
	$(SUDO) tests/image/make.sh bookworm $$(cat tests/image/openldap)
	$(SUDO) tests/image/make.sh bookworm $$(cat tests/image/kerberos)
	$(SUDO) tests/image/make.sh bookworm $$(cat tests/image/nslcd)
	$(SUDO) tests/image/make.sh bookworm $$(cat tests/image/winbind)
	$(SUDO) tests/image/directory.sh bookworm ds389
	$(SUDO) tests/image/directory.sh bookworm samba
	$(SUDO) tests/image/unpacked.sh bookworm libpam-passwdqc '*passwdqc*'

# The whole story on a throwaway machine; at a terminal, it ends with a login prompt to try.
demo: test-deps
	@$(SUDO) true
	@# The machine's Debian is fetched while the programs are built.
	$(SUDO) tests/image/make.sh bookworm >/dev/null & debian=$$!; \
	$(MAKE) --no-print-directory quick-deb; \
	wait $$debian
	$(SUDO) env "PATH=$$PATH" SSPR_DEB="$$(echo $(CURDIR)/dist/quick/*.deb)" $(TARGET)/debug/demo

# The same for a fleet: two servers on one database, a directory and three hosts.
demo-fleet: test-deps
	@$(SUDO) true
	$(MAKE) --no-print-directory quick-deb
	cargo build $(ALL) --bin demo-fleet
	$(SUDO) env "PATH=$$PATH" SSPR_DEB="$$(echo $(CURDIR)/dist/quick/*.deb)" $(TARGET)/debug/demo-fleet

# How many machines run at a time. Most of the time they wait: to boot, and for each other.
MACHINES ?= $(shell echo $$((2 * $$(nproc))))
MACHINE_TESTS := tests/run.sh $(ALL) --test machines -- --test-threads=$(MACHINES)

# Units, the module against real libpam, the agent on a private bus, and machines with the package installed. Downloads
# run while the programs are built. The machines, which mostly wait, run beside the other tests, which compute. Their
# output comes after the others'.
test: test-deps
	@$(SUDO) true
	$(MAKE) --no-print-directory images >/dev/null & images=$$!; \
	$(MAKE) --no-print-directory deb rpm; \
	cargo test --locked -p pam_sspr --no-run; \
	cargo test $(ALL) --no-run; \
	cargo test $(ALL) --test machines --no-run; \
	wait $$images
	@rm -f dist/second-try
	@$(MAKE) --no-print-directory test-machines >dist/machines.log 2>&1 & machines=$$!; \
	failed=; \
	$(MAKE) --no-print-directory test-units || failed="$$failed units"; \
	echo "== now the machines"; \
	wait $$machines || failed="$$failed machines"; \
	cat dist/machines.log; \
	[ ! -e dist/second-try ] || { echo "== passed at the second try only, fix these tests:"; cat dist/second-try; }; \
	[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

# Each of their runs goes to its end, so that all that fails is seen at once.
test-units:
	@failed=; \
	SSPR_MODULE=$(MODULE) tests/run.sh --locked -p pam_sspr || failed="$$failed module"; \
	tests/run.sh $(ALL) || failed="$$failed programs"; \
	echo "== the dialogues once more, with PostgreSQL as their store"; \
	SSPR_TEST_STORE=postgres SSPR_WALKS=20 tests/run.sh $(ALL) --lib -- \
		store:: dialogue:: limits:: proof:: admin:: sender:: sync:: --skip alike::no_walk || failed="$$failed postgresql"; \
	[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

test-machines:
	@failed=; \
	$(MACHINE_TESTS) || failed="$$failed bookworm"; \
	echo "== Debian 13, which differs in its login, sshd, PAM, systemd and dpkg"; \
	SSPR_SUITE=trixie $(MACHINE_TESTS) console:: recover:: register:: settings:: setup:: setup_sshd:: upgrade:: || \
		failed="$$failed trixie"; \
	[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

# Also runs the tests that take too long for every run: longer walks over the dialogues, with other seeds each time,
# more kills of the agent, SSH clients over a slow wire, the module's stories under valgrind, the packages built twice,
# coverage with its minimum shares, and each fuzz target for a minute.
test-full: test
	# Optimised, like the shipped programs: so many walks take minutes then, instead of an hour.
	SSPR_WALKS=2000 $(REMAPPED) cargo test --locked --release -p sspr-agent --lib -- dialogue::tests::walks dialogue::tests::alike
	SSPR_KILLS=1000 cargo test $(ALL) --test agent -- kills --nocapture
	$(MACHINE_TESTS) --ignored
	$(MAKE) --no-print-directory memcheck reproducible coverage fuzz

LINT := lint-fmt lint-shell lint-words lint-clippy lint-doc lint-licences lint-selinux lint-packages

# Each part can be run separately.
lint: lint-deps
	@for part in $(LINT); do \
		echo "== $$part"; start=$$SECONDS; \
		$(MAKE) --no-print-directory $$part; \
		echo "== $$part: $$((SECONDS - start)) s"; \
	done; echo "== lint: $$SECONDS s, nothing found"

lint-fmt:
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check

lint-shell: test-deps
	{ git ls-files -z '*.sh'; git ls-files -z ':!*.sh' ':!*.rs' | xargs -0 grep -lZE '^#!/(usr/)?bin/(env )?(ba)?sh'; } | \
		xargs -0 shellcheck

# Words that should not come back, in texts for people.
lint-words:
	tests/words.sh

lint-clippy: build-deps
	cargo clippy --locked -p pam_sspr --all-targets -- -D warnings
	cargo clippy $(ALL) --all-targets -- -D warnings
	cargo clippy $(ALL) --test machines -- -D warnings

# With the same selections, so that shared dependencies are checked once.
lint-doc: build-deps
	RUSTDOCFLAGS="-D warnings" cargo doc --locked -p pam_sspr --no-deps --document-private-items
	RUSTDOCFLAGS="-D warnings" cargo doc $(ALL) --no-deps --document-private-items

# Unoptimised: optimising takes longer than it would save.
cargo-deny: build-deps
	@command -v cargo-deny >/dev/null || CARGO_PROFILE_DEV_DEBUG=0 cargo install --locked --debug --version 0.20.2 cargo-deny

lint-licences: cargo-deny
	cargo deny check licenses bans sources
	# From RustSec's database, which cargo-audit uses, too.
	@if cargo deny fetch db 2>/dev/null; then cargo deny check advisories; \
	else echo "advisories: not checked, their database is out of reach"; fi

# The policy module for systems with SELinux. It is shipped as source, and compiled here to check that it can be.
lint-selinux: lint-deps
	rm -rf dist/selinux && mkdir -p dist/selinux
	cp packaging/selinux/sspr.te packaging/selinux/sspr.fc packaging/selinux/sspr.if dist/selinux/
	$(MAKE) --no-print-directory -C dist/selinux -f /usr/share/selinux/devel/Makefile sspr.pp

# The packages that the tests built in dist/; the reasons for filters and overrides are beside them.
lint-packages: lint-deps
	@ls dist/*.deb dist/*.rpm >/dev/null || { echo "no packages in dist/ to look at: make deb rpm" >&2; exit 1; }
	lintian --fail-on error,warning --tag-display-limit 0 dist/*.deb dist/additions/*.deb
	rpmlint --strict --config packaging/rpm/rpmlint.toml dist/*.rpm dist/additions/*.rpm

# Builds twice, in two directories, and compares. Slow.
reproducible: rpm-deps
	rm -rf dist/reproducible && mkdir -p dist/reproducible
	for n in one another-directory; do \
		git clone --quiet --no-hardlinks . "dist/reproducible/$$n"; \
		env -u CARGO_TARGET_DIR $(MAKE) -C "dist/reproducible/$$n" deb rpm; \
	done
	cd dist/reproducible && for file in one/dist/*.deb one/dist/*.rpm one/dist/additions/*.deb one/dist/additions/*.rpm; do \
		cmp "$$file" "another-directory/$${file#one/}" || exit 1; \
		echo "the same: $${file##*/}"; \
	done

# Measures on machines with the built package, and writes docs/benchmarks.md; takes about twenty minutes.
# SSPR_BENCH=quick takes fewer samples, PARTS="peers alike" only these parts; with either, nothing is written.
bench: test-deps deb
	$(REMAPPED) cargo build --locked --release -p sspr-tests --bin bench --bin bench-host
	$(SUDO) env "PATH=$$PATH" "SSPR_BENCH=$(SSPR_BENCH)" $(TARGET)/release/bench $(PARTS)

FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= settings arguments dialogue bus import templates

# Each target runs for FUZZ_SECONDS, from fuzz/seeds and what earlier runs kept in fuzz/corpus. libFuzzer needs flags
# that stable Rust has only behind RUSTC_BOOTSTRAP. The versions of the libraries are the shipped ones. A dialogue has a
# database with its own thread, which looks like a leak for a moment each time.
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

# The shipped module in real libpam under valgrind: every story of the tests but one. `make test` has one of them. The
# module reads the agent's notes with openat2, which Debian 12's valgrind does not know: under it, the module asks the
# agent instead.
memcheck: test-deps build
	SSPR_MEMCHECK=1 SSPR_MODULE=$(MODULE) cargo test --locked -p pam_sspr --test module -- behaviour:: memory:: \
		--skip noted_as_settled

# The part of the module that Miri can run: all but the sockets, pipes and memfds of the bus.
miri:
	@if cargo +nightly miri --version >/dev/null 2>&1; then \
		MIRIFLAGS=-Zmiri-disable-isolation cargo +nightly miri test --locked -p pam_sspr -- ffi:: args:: text:: words:: host::; \
	else echo "miri: not run, there is no nightly toolchain with it (rustup component add --toolchain nightly miri)"; fi

# Prints which lines of the deciding code the tests run. The profiles are read by the tools of the LLVM that rustc is
# built with; Debian has them if rustup's component can't be fetched. Only the workspace's own crates are instrumented,
# through perl: a shell would drop the variables with a dash in their names that cargo sets. A program that is started
# without an environment writes its profile into its working directory.
COVERAGE := dist/coverage
coverage: export LLVM_PROFILE_FILE = $(CURDIR)/$(COVERAGE)/%p-%m.profraw
coverage: export RUSTC_WORKSPACE_WRAPPER = $(CURDIR)/$(COVERAGE)/rustc
coverage: export SSPR_MODULE = $(TARGET)/debug/libpam_sspr.so
COVERED := --workspace --exclude pam_sspr --exclude sspr-tests
coverage: test-deps
	rm -rf $(COVERAGE) && mkdir -p $(COVERAGE)
	printf '#!/usr/bin/perl\nexec @ARGV, "-Cinstrument-coverage";\n' >$(COVERAGE)/rustc && chmod +x $(COVERAGE)/rustc
	{ cargo build --locked -p pam_sspr; cargo build --locked $(COVERED) --bins; \
		cargo test --locked --no-run -p pam_sspr; cargo test --locked --no-run $(COVERED); } 2>&1 | tee $(COVERAGE)/built
	cargo test --locked -p pam_sspr -- --skip footprint --skip memory
	cargo test --locked $(COVERED)
	llvm=$$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p'); \
	command -v "llvm-cov-$$llvm" >/dev/null || $(APT) "llvm-$$llvm"; \
	find agent pam_sspr -maxdepth 2 -name '*.profraw' -exec mv -t $(COVERAGE) {} +; \
	"llvm-profdata-$$llvm" merge --sparse -o $(COVERAGE)/all.profdata $(COVERAGE)/*.profraw; \
	"llvm-cov-$$llvm" export --format=lcov --instr-profile=$(COVERAGE)/all.profdata \
		$$(sed -n 's/^ *Executable .*(\(.*\))$$/--object=\1/p' $(COVERAGE)/built) --object="$$SSPR_MODULE" \
		--object=$(TARGET)/debug/sspr --object=$(TARGET)/debug/sspr-agent --object=$(TARGET)/debug/sspr-credential >$(COVERAGE)/lcov
	env -u RUSTC_WORKSPACE_WRAPPER cargo run --locked --quiet -p sspr-tests --bin coverage <$(COVERAGE)/lcov

clean-dist:
	rm -rf dist
