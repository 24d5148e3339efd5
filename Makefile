# postledger - see README.md
#
#   make            both programs in build/
#   make test       everything is tested (installs what it needs, wants root)
#   make faults     ten minutes of load, kills and restarts
#   make demo       the main job on a private Postfix
#   make install    DESTDIR and PREFIX as usual

VERSION  = 0.1.0
PREFIX   = /usr/local
SYSCONF  = /etc
BUILD    = build
CC       = cc
CFLAGS   = -O2 -g
WARN     = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wpointer-arith -Wwrite-strings -Wformat=2 -Wvla -Werror
SANITIZE =

# What building and testing need: Debian 12 packages.
DEPS_BUILD = gcc libc6-dev pkgconf libglib2.0-dev libgmime-3.0-dev \
             libarchive-dev libsqlite3-dev libmilter-dev \
             libssl-dev libxml2-dev libqpdf-dev zlib1g-dev \
             libseccomp-dev libjson-glib-dev
DEPS_TEST  = libcmocka-dev postfix swaks miltertest python3 clang-14 \
             libclang-rt-14-dev libasan8 libubsan1 sqlite3 mandoc procps \
             faketime systemd \
             openssl qpdf
# What `make bench` is compared with; nothing else needs them.
DEPS_BENCH = opendkim mpack mutt zip valgrind

# ---- rooms: what each is made of, whom it knows, which libraries it needs
ROOMS = config ledger formats intake report run

KNOWS_config  =
KNOWS_ledger  = config
KNOWS_formats =
KNOWS_intake  = formats ledger config
KNOWS_report  = ledger config
KNOWS_run     = intake formats report ledger config
KNOWS_cli     = run $(KNOWS_run)

PKG_config  = gio-2.0 libcrypto
PKG_ledger  = glib-2.0 sqlite3 libcrypto
PKG_formats = glib-2.0 libxml-2.0 libqpdf zlib
PKG_intake  = gmime-3.0 libarchive libcrypto libseccomp
PKG_report  = gio-2.0
PKG_run     = gmime-3.0 libarchive libcrypto gio-2.0
PKG_cli     = json-glib-1.0 gio-2.0 libcrypto
PKG_milter  = gio-2.0 sqlite3 libcrypto

BASE = -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DPL_VERSION='"$(VERSION)"' -pthread \
       -Iinclude -I$(BUILD)/gen $(WARN) $(SANITIZE) -MMD -MP
pkg-cflags = $(shell pkg-config --cflags glib-2.0 $(1))
pkg-libs   = $(shell pkg-config --libs glib-2.0 $(1))

all: $(BUILD)/postledgerd $(BUILD)/postledger

# SQL, HTML and other long texts live in files of their own: FILE becomes
# build/gen/FILE.h with one string literal.
TEXTS = $(wildcard core/*/*.html core/*/*.css core/*/*.txt)
SQL   = $(wildcard core/ledger/schema-*.sql)
GEN   = $(patsubst %,$(BUILD)/gen/%.h,$(notdir $(TEXTS) $(SQL))) \
        $(BUILD)/gen/statements.h
vpath %.sql core/ledger
vpath %.html core/report
vpath %.css core/report
vpath %.txt core/report core/cli

$(BUILD)/gen/%.h: %
	@mkdir -p $(@D)
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$$/\\n"/' $< >$@

# The other SQL files hold statements, each after "-- name: NAME": they become
# one list of PL_STATEMENT(NAME, "text").
STATEMENTS = $(filter-out $(SQL),$(wildcard core/ledger/*.sql))
$(BUILD)/gen/statements.h: $(STATEMENTS) core/ledger/statements.awk
	@mkdir -p $(@D)
	awk -f core/ledger/statements.awk $(STATEMENTS) >$@

# A room is a static library; every source sees its own room's private headers.
define room
SRC_$(1) = $$(wildcard core/$(1)/*.c)
OBJ_$(1) = $$(patsubst %.c,$(BUILD)/%.o,$$(SRC_$(1)))
CFLAGS_$(1) := $$(call pkg-cflags,$$(PKG_$(1)))
$$(OBJ_$(1)): $(BUILD)/%.o: %.c | $(GEN)
	@mkdir -p $$(@D)
	$$(CC) $$(BASE) $$(CFLAGS_$(1)) $$(CFLAGS) -c -o $$@ $$<
$(BUILD)/lib$(1).a: $$(OBJ_$(1))
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach r,$(ROOMS) cli,$(eval $(call room,$(r))))

SRC_milter = $(wildcard milter/*.c)
OBJ_milter = $(patsubst %.c,$(BUILD)/%.o,$(SRC_milter))
CFLAGS_milter := $(call pkg-cflags,$(PKG_milter))
$(OBJ_milter): $(BUILD)/%.o: %.c | $(GEN)
	@mkdir -p $(@D)
	$(CC) $(BASE) $(CFLAGS_milter) $(CFLAGS) -c -o $@ $<

room-libs = $(patsubst %,$(BUILD)/lib%.a,$(1) $(KNOWS_$(1)))
room-pkgs = $(PKG_$(1)) $(foreach k,$(KNOWS_$(1)),$(PKG_$(k)))

# The daemon gets the rooms it may know, and no library beyond them.
$(BUILD)/postledgerd: $(OBJ_milter) $(BUILD)/libledger.a $(BUILD)/libconfig.a
	$(CC) $(SANITIZE) -pthread -o $@ $^ -lmilter \
	    $(call pkg-libs,$(PKG_milter))

$(BUILD)/postledger: $(BUILD)/libcli.a $(call room-libs,run)
	$(CC) $(SANITIZE) -pthread -o $@ -Wl,--start-group $^ -Wl,--end-group \
	    $(call pkg-libs,$(PKG_cli) $(call room-pkgs,run))

# ---- tests: tests/unit/ROOM_TOPIC.c is one cmocka program, linked with its
# room and those it knows; milter_*.c with the daemon but its main.
UNIT = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*_*.c))
OBJ_milter_test = $(filter-out %/main.o,$(OBJ_milter))
define unit
$(BUILD)/unit/$(1)_%: tests/unit/$(1)_%.c $(call room-libs,$(1))
	@mkdir -p $$(@D)
	$$(CC) $$(BASE) -Icore/$(1) $$(CFLAGS_$(1)) $$(CFLAGS) -o $$@ $$< \
	    -Wl,--start-group $(call room-libs,$(1)) -Wl,--end-group \
	    $$(shell pkg-config --cflags --libs cmocka glib-2.0 $(call room-pkgs,$(1)))
endef
$(foreach r,$(ROOMS) cli,$(eval $(call unit,$(r))))
$(BUILD)/unit/milter_%: tests/unit/milter_%.c $(OBJ_milter_test) \
    $(BUILD)/libledger.a $(BUILD)/libconfig.a
	@mkdir -p $(@D)
	$(CC) $(BASE) -Imilter $(CFLAGS_milter) $(CFLAGS) -o $@ $< \
	    $(OBJ_milter_test) $(BUILD)/libledger.a $(BUILD)/libconfig.a \
	    -lmilter $(shell pkg-config --cflags --libs cmocka glib-2.0 $(PKG_milter))

unit: $(UNIT)

# ---- fuzzers: tests/fuzz/ROOM_TOPIC.c, libFuzzer, everything built by clang
FUZZ     = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*_*.c))
FUZZ_SAN = -fsanitize=fuzzer-no-link,address,undefined
define fuzz
$(BUILD)/fuzz/$(1)_%: tests/fuzz/$(1)_%.c $(call room-libs,$(1))
	@mkdir -p $$(@D)
	$$(CC) $$(BASE) -fsanitize=fuzzer -Icore/$(1) $$(CFLAGS_$(1)) $$(CFLAGS) \
	    -o $$@ $$< -Wl,--start-group $(call room-libs,$(1)) -Wl,--end-group \
	    $$(shell pkg-config --cflags --libs glib-2.0 $(call room-pkgs,$(1)))
endef
$(foreach r,$(ROOMS),$(eval $(call fuzz,$(r))))

fuzz-programs: $(FUZZ)
fuzzers:
	$(MAKE) BUILD=$(BUILD)/clang CC=clang-14 SANITIZE=$(FUZZ_SAN) fuzz-programs

# ---- what people call
deps:
	conf/deps $(DEPS_BUILD) $(DEPS_TEST)

test: deps
	tests/run

# Ten minutes of load, kills and restarts; FAULTS_SECONDS=60 for fewer.
FAULTS_SECONDS = 600
faults: deps
	$(MAKE) -s all
	BUILD=$(BUILD) tests/faults/run $(FAULTS_SECONDS)

fuzz: deps
	tests/fuzz/run $(or $(SECONDS),600)

# Programs of tests/bench/ROOM_TOPIC.c; each says in its head what it compares.
BENCH = $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*_*.c))
define bench
$(BUILD)/bench/$(1)_%: tests/bench/$(1)_%.c $(call room-libs,$(1))
	@mkdir -p $$(@D)
	$$(CC) $$(BASE) -Icore/$(1) $$(CFLAGS_$(1)) $$(CFLAGS) -o $$@ $$< \
	    -Wl,--start-group $(call room-libs,$(1)) -Wl,--end-group \
	    $$(shell pkg-config --cflags --libs glib-2.0 $(call room-pkgs,$(1)))
endef
$(foreach r,$(ROOMS),$(eval $(call bench,$(r))))

# Of the daemon's bench: a load, a filter that does nothing, a count of syncs.
$(BUILD)/bench/milter_%: tests/bench/milter_%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) $(CFLAGS_milter) $(CFLAGS) -o $@ $< \
	    $(call pkg-libs,$(PKG_milter)) -lmilter
$(BUILD)/bench/syncs.so: tests/bench/syncs.c
	@mkdir -p $(@D)
	$(CC) $(BASE) $(CFLAGS) -shared -fPIC -o $@ $<

bench-programs: $(BENCH) $(BUILD)/bench/syncs.so
# A make of its own: what pkg-config says is known only after `deps`. Twenty
# minutes and more; see the head of tests/bench/run for parts and settings.
bench: deps
	conf/deps $(DEPS_BENCH)
	$(MAKE) -s all bench-programs
	BUILD=$(BUILD) tests/bench/run

demo: deps
	$(MAKE) -s all
	BUILD=$(BUILD) python3 tests/e2e/demo.py

# Everything but the configuration is replaced; that is only put there once.
INSTALL = install -D
install: all
	$(INSTALL) $(BUILD)/postledgerd $(DESTDIR)$(PREFIX)/sbin/postledgerd
	$(INSTALL) $(BUILD)/postledger $(DESTDIR)$(PREFIX)/bin/postledger
	for page in $(wildcard docs/*.[158]); do $(INSTALL) -m 644 $$page \
	    $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done
	$(INSTALL) -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/postledger \
	    README.md LICENSE $(wildcard docs/*.md)
	$(INSTALL) -m 644 -t $(DESTDIR)$(PREFIX)/share/postledger \
	    conf/postledger.conf conf/postfix-inline.cf \
	    conf/postfix-hop.cf conf/sendmail.mc
	for unit in $(wildcard conf/*.service conf/*.timer); do \
	    sed 's,/usr/local/,$(PREFIX)/,' $$unit >$(BUILD)/$${unit##*/} && \
	    $(INSTALL) -m 644 -t $(DESTDIR)/usr/lib/systemd/system \
	        $(BUILD)/$${unit##*/}; done
	$(INSTALL) -m 644 conf/postledger.sysusers \
	    $(DESTDIR)/usr/lib/sysusers.d/postledger.conf
	$(INSTALL) -m 644 conf/postledger.tmpfiles \
	    $(DESTDIR)/usr/lib/tmpfiles.d/postledger.conf
	test -e $(DESTDIR)$(SYSCONF)/postledger/postledger.conf || \
	    $(INSTALL) -m 644 -t $(DESTDIR)$(SYSCONF)/postledger \
	        conf/postledger.conf

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all bench-programs deps unit fuzz-programs fuzzers test faults demo bench \
        fuzz install clean
.SECONDARY:
