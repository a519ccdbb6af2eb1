################################################################################
#
# dialtone
#
################################################################################

# SPDX-License-Identifier: Apache-2.0
# The tree around this recipe. Where a release is published, its archive takes
# the place of the first three lines and gets a line in dialtone.hash.
DIALTONE_VERSION = 0.1.0
DIALTONE_SITE = $(realpath $(BR2_EXTERNAL_DIALTONE_PATH)/../../..)
DIALTONE_SITE_METHOD = local
DIALTONE_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = --exclude /build
DIALTONE_LICENSE = Apache-2.0
DIALTONE_LICENSE_FILES = LICENSE
DIALTONE_SUPPORTS_IN_SOURCE_BUILD = NO
DIALTONE_CMAKE_BACKEND = ninja
DIALTONE_DEPENDENCIES = dialtone-libraries host-ninja
DIALTONE_CONF_OPTS = \
	-DDIALTONE_PREFIX=$(STAGING_DIR)/usr/lib/dialtone \
	-DDIALTONE_SERVICE=none

# Whom the agent runs as.
define DIALTONE_USERS
	dialtone -1 dialtone -1 * /var/lib/dialtone - - Provisioning agent
endef

define DIALTONE_INSTALL_TARGET_CMDS
	$(TARGET_MAKE_ENV) DESTDIR=$(TARGET_DIR) $(BR2_CMAKE) \
		--install $(DIALTONE_BUILDDIR) --component phone
	$(SED) 's/^DIALTONE_PROFILE=.*/DIALTONE_PROFILE=$(call qstrip,$(BR2_PACKAGE_DIALTONE_PROFILE))/' \
		-e 's/^DIALTONE_BOARD=.*/DIALTONE_BOARD=$(call qstrip,$(BR2_PACKAGE_DIALTONE_BOARD))/' \
		$(TARGET_DIR)/etc/dialtone/dialtone.conf
endef

define DIALTONE_INSTALL_INIT_SYSV
	$(INSTALL) -D -m 0755 $(@D)/rootfs/services/S60dialtoned \
		$(TARGET_DIR)/etc/init.d/S60dialtoned
endef

define DIALTONE_INSTALL_INIT_OPENRC
	$(INSTALL) -D -m 0755 $(@D)/rootfs/services/dialtoned.openrc \
		$(TARGET_DIR)/etc/init.d/dialtoned
	$(INSTALL) -d -m 0755 $(TARGET_DIR)/etc/runlevels/default
	ln -sf /etc/init.d/dialtoned $(TARGET_DIR)/etc/runlevels/default/dialtoned
endef

DIALTONE_UNITS = \
	dialtoned.service \
	dialtone-helper.socket \
	dialtone-helper@.service \
	dialtone-udhcpc@.service

define DIALTONE_INSTALL_INIT_SYSTEMD
	$(foreach unit,$(DIALTONE_UNITS),\
		$(INSTALL) -D -m 0644 $(@D)/rootfs/services/$(unit) \
			$(TARGET_DIR)/usr/lib/systemd/system/$(unit)$(sep))
endef

$(eval $(cmake-package))
