################################################################################
#
# dialtone
#
################################################################################
# SPDX-License-Identifier: Apache-2.0

DIALTONE_VERSION = 0.1.0
DIALTONE_SITE = $(realpath $(BR2_EXTERNAL_DIALTONE_PATH)/../../..)
DIALTONE_SITE_METHOD = local
DIALTONE_LICENSE = Apache-2.0, LGPL-2.1+ (libosip2), curl, MIT (c-ares), Zlib (tinyxml2)
DIALTONE_LICENSE_FILES = LICENSE toolchains/third-party.lock
DIALTONE_SUPPORTS_IN_SOURCE_BUILD = NO

# The libraries of the lock file, built with this toolchain into a folder of the package's own: what
# was tested is what ships. None of them goes to the target as a file.
DIALTONE_LIBRARIES = $(@D)/.libraries
DIALTONE_TOOLCHAIN_FILE = $(HOST_DIR)/share/buildroot/toolchainfile.cmake

define DIALTONE_BUILD_LIBRARIES
	mkdir -p $(DIALTONE_LIBRARIES)/archives
	cp -t $(DIALTONE_LIBRARIES)/archives $(call qstrip,$(BR2_PACKAGE_DIALTONE_ARCHIVES))/*.tar.*
	$(TARGET_MAKE_ENV) DIALTONE_CACHE=$(DIALTONE_LIBRARIES) \
		$(@D)/toolchains/bootstrap --libraries $(DIALTONE_TOOLCHAIN_FILE)
endef
DIALTONE_PRE_CONFIGURE_HOOKS += DIALTONE_BUILD_LIBRARIES

DIALTONE_CONF_ENV = DIALTONE_CACHE=$(DIALTONE_LIBRARIES)
DIALTONE_CONF_OPTS = \
	-DBUILD_TESTING=OFF \
	-DDIALTONE_TARGET=$(DIALTONE_TOOLCHAIN_FILE) \
	-DDIALTONE_SERVICE=$(if $(BR2_INIT_SYSTEMD),systemd,$(if $(BR2_INIT_OPENRC),openrc,busybox))

# Whom the agent runs as.
define DIALTONE_USERS
	dialtone -1 dialtone -1 * /var/lib/dialtone - - Provisioning agent
endef

define DIALTONE_INSTALL_TARGET_CMDS
	DESTDIR=$(TARGET_DIR) $(BR2_CMAKE) --install $(DIALTONE_BUILDDIR) --component phone
	$(SED) 's/^DIALTONE_PROFILE=.*/DIALTONE_PROFILE=$(call qstrip,$(BR2_PACKAGE_DIALTONE_PROFILE))/' \
		-e 's/^DIALTONE_BOARD=.*/DIALTONE_BOARD=$(call qstrip,$(BR2_PACKAGE_DIALTONE_BOARD))/' \
		$(TARGET_DIR)/etc/dialtone/dialtone.conf
endef

$(eval $(cmake-package))
