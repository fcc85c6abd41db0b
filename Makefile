# Flotilla's commands. They need a Debian 12 with make and a Swift 6.3 toolchain; the packages named below are installed
# with apt-get where they are missing.

# The toolchain: `swift` on PATH, or make SWIFT=/path/to/swift.
SWIFT ?= swift
# What `make run` passes on, such as ARGS="--api-port 9000".
ARGS ?=
# What `make bench` passes on, such as ARGS="--only health,idle --rounds 3".

# What the toolchain itself runs and links with.
toolchain_packages := binutils git libc6-dev libcurl4 libgcc-12-dev libncurses6 libsqlite3-0 libstdc++-12-dev libxml2 \
	pkg-config tzdata
# The C libraries of docs/dependencies.md, and curl for the session of README.md.
library_packages := ca-certificates curl libgnutls28-dev libjwt-dev libmicrohttpd-dev libmosquitto-dev librabbitmq-dev \
	librdkafka-dev libre2-dev libsimdjson-dev libsodium-dev libsqlite3-dev libssl-dev
build_packages := $(toolchain_packages) $(library_packages)
test_packages := $(build_packages) jq kcat mosquitto openssl procps python3 python3-psutil python3-venv rabbitmq-server \
	sysstat
bench_packages := $(build_packages) nginx-light prometheus-node-exporter python3 python3-venv rabbitmq-server wrk

# One set of flags for every build of a configuration, so that nothing is compiled twice.
strict := -Xswiftc -warnings-as-errors -Xcc -Wall -Xcc -Werror --explicit-target-dependency-import-check error
# Hosts of the fleet need no Swift runtime, and its unused parts are no memory of theirs.
release := --configuration release --static-swift-stdlib $(strict)
swift_sources := Sources Tests Benchmarks Package.swift
flotilla := .build/release/flotilla

.PHONY: build run test soak bench format clean deps lint

build: deps
	$(SWIFT) build $(release) --product flotilla

run: build
	$(flotilla) up $(ARGS)

# One test after the other: about seven minutes in all, and none of those that hold a server to its deadlines is starved.
# Then a minute of hostile input.
test: packages := $(test_packages)
# Package.swift has the fuzzer only where this is set.
test: export FLOTILLA_FUZZ := 1
test: deps lint
	$(SWIFT) build --build-tests $(strict)
	SWIFT=$(SWIFT) .ci/documentation
	SWIFT=$(SWIFT) .ci/tests $(strict)
	.ci/schemathesis
	.ci/fuzz

# The fault tests at their full count, and a cluster of RabbitMQ nodes: 30 kills under load take minutes.
soak: packages := $(test_packages)
soak: deps
	$(SWIFT) build --build-tests $(strict)
	FLOTILLA_SOAK=1 SWIFT=$(SWIFT) .ci/tests $(strict) --filter FleetTests --filter RabbitMQClusterTests \
		--filter SlowConsumerTests

bench: packages := $(bench_packages)
bench: deps
	$(SWIFT) build $(release)
	SWIFT=$(SWIFT) Benchmarks/bench $(ARGS)

lint:
	$(SWIFT) format lint --strict --recursive --parallel $(swift_sources)
	SWIFT=$(SWIFT) .ci/imports

format:
	$(SWIFT) format --in-place --recursive --parallel $(swift_sources)

clean:
	rm -rf .build Benchmarks/.venv

packages := $(build_packages)
deps:
	@.ci/packages $(packages)
	@command -v $(SWIFT) >/dev/null || { \
	echo "No '$(SWIFT)' here: install a Swift 6.3 toolchain and put it on PATH, or say make SWIFT=/path/to/swift." >&2; \
	exit 1; }
