# SPDX-License-Identifier: Apache-2.0
# Steps of a package, its downloads, and what it says of itself. See rules.mk.
all: compile

PKG_BUILD_DIR ?= $(BUILD_DIR)/$(PKG_NAME)-$(PKG_VERSION)
PKG_INSTALL_DIR ?= $(PKG_BUILD_DIR)/ipkg-install
STAMP_PREPARED := $(PKG_BUILD_DIR)/.prepared
STAMP_CONFIGURED := $(PKG_BUILD_DIR)/.configured
STAMP_BUILT := $(PKG_BUILD_DIR)/.built

# A download: the mirror's file of that name, if its hash is the package's.
define Download
  $(eval FILE:=)$(eval URL:=)$(eval HASH:=)
  $(eval $(Download/$(1)))
  $(if $(and $(FILE),$(URL),$(HASH)),,$(error Download/$(1) is missing FILE, URL or HASH))
  download: $(DL_DIR)/$(FILE)
  $(STAMP_PREPARED): $(DL_DIR)/$(FILE)
  $(DL_DIR)/$(FILE):
	mkdir -p $(DL_DIR)
	echo '$(HASH)  $(OUT)/mirror/$(FILE)' | sha256sum --check --status || \
		{ echo 'Hash of the downloaded file $(FILE) does not match' >&2; exit 1; }
	cp $(OUT)/mirror/$(FILE) $(DL_DIR)/
endef

define BuildPackage
  $(eval $(Package/$(1)))
  $(foreach field,TITLE CATEGORY SECTION,$(if $($(field)),,$(error Package/$(1) is missing the $(field) field)))
  dumpinfo:
	@echo 'Source-Makefile: $(CURDIR)/Makefile'
	@echo 'Version: $(PKG_VERSION)-$(PKG_RELEASE)'
	@echo 'Maintainer: $(PKG_MAINTAINER)'
	@echo 'License: $(strip $(PKG_LICENSE))'
	@echo 'LicenseFiles: $(strip $(PKG_LICENSE_FILES))'
	@echo 'Depends: $(strip $(DEPENDS))'
	@echo 'Require-User: $(USERID)'
	@echo 'Options: $(strip $(CMAKE_OPTIONS))'
	@echo 'Conffiles: $(strip $(Package/$(1)/conffiles))'

  download:
  prepare: $(STAMP_PREPARED)
  configure: $(STAMP_CONFIGURED)
  compile: $(STAMP_BUILT)

  $(STAMP_PREPARED):
	rm -rf $(PKG_BUILD_DIR)
	mkdir -p $(PKG_BUILD_DIR)
	$$(Build/Prepare)
	touch $$@
  $(STAMP_CONFIGURED): $(STAMP_PREPARED)
	$$(Build/Configure)
	touch $$@
  $(STAMP_BUILT): $(STAMP_CONFIGURED)
	$$(Build/Compile/Default)
	$$(if $$(DIALTONE_TEST_PROGRAM),mkdir -p $(CMAKE_BINARY_DIR)/bin && \
		cp $$(DIALTONE_TEST_PROGRAM) $(CMAKE_BINARY_DIR)/bin/dialtoned)
	touch $$@
  install: compile
	$$(call Package/$(1)/install,$(OUT)/image)
  .PHONY: all dumpinfo download prepare configure compile install
endef
