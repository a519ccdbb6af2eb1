################################################################################
#
# dialtone-libraries
#
################################################################################

# SPDX-License-Identifier: Apache-2.0
# The libraries of toolchains/third-party.lock with the project's patches, as
# static archives in a folder of their own: what was tested is what ships.
DIALTONE_LIBRARIES_VERSION = 0.1.0
DIALTONE_LIBRARIES_POOL = https://snapshot.debian.org/archive/debian/20261130T000000Z/pool/main
DIALTONE_LIBRARIES_SITE = $(DIALTONE_LIBRARIES_POOL)/c/curl
DIALTONE_LIBRARIES_SOURCE = curl_8.14.1.orig.tar.gz
DIALTONE_LIBRARIES_EXTRA_DOWNLOADS = \
	$(DIALTONE_LIBRARIES_POOL)/m/mbedtls/mbedtls_3.6.7.orig.tar.bz2 \
	$(DIALTONE_LIBRARIES_POOL)/t/tinyxml2/tinyxml2_11.0.0+dfsg.orig.tar.xz \
	$(DIALTONE_LIBRARIES_POOL)/libo/libosip2/libosip2_5.3.1.orig.tar.gz \
	$(DIALTONE_LIBRARIES_POOL)/c/c-ares/c-ares_1.34.8.orig.tar.gz \
	$(DIALTONE_LIBRARIES_POOL)/libm/libmicrohttpd/libmicrohttpd_1.0.10.orig.tar.gz \
	$(DIALTONE_LIBRARIES_POOL)/z/zlib/zlib_1.3.dfsg+really1.3.2.orig.tar.gz \
	$(DIALTONE_LIBRARIES_POOL)/liby/libyaml/libyaml_0.2.5.orig.tar.gz \
	$(DIALTONE_LIBRARIES_POOL)/libu/libubootenv/libubootenv_0.3.5.orig.tar.xz
DIALTONE_LIBRARIES_LICENSE = \
	curl (curl), \
	Apache-2.0 (mbedtls), \
	Zlib (tinyxml2, zlib), \
	LGPL-2.1+ (libosip2, libmicrohttpd, libubootenv), \
	MIT (c-ares, libyaml)
DIALTONE_LIBRARIES_LICENSE_FILES = \
	licences/curl/COPYING \
	licences/mbedtls/LICENSE \
	licences/tinyxml2/LICENSE.txt \
	licences/libosip2/COPYING \
	licences/c-ares/LICENSE.md \
	licences/libmicrohttpd/COPYING \
	licences/zlib/LICENSE \
	licences/libyaml/License \
	licences/libubootenv/LGPL-2.1-or-later.txt
DIALTONE_LIBRARIES_DEPENDENCIES = host-ninja $(BR2_CMAKE_HOST_DEPENDENCY)
DIALTONE_LIBRARIES_INSTALL_STAGING = YES
DIALTONE_LIBRARIES_INSTALL_TARGET = NO

DIALTONE_LIBRARIES_ARCHIVES = \
	$(DIALTONE_LIBRARIES_SOURCE) \
	$(notdir $(DIALTONE_LIBRARIES_EXTRA_DOWNLOADS))
DIALTONE_LIBRARIES_PREFIX = $(STAGING_DIR)/usr/lib/dialtone

define DIALTONE_LIBRARIES_EXTRACT_CMDS
	mkdir -p $(@D)/archives
	cp -R $(realpath $(BR2_EXTERNAL_DIALTONE_PATH)/../../../toolchains) $(@D)
	cp $(addprefix $(DIALTONE_LIBRARIES_DL_DIR)/,$(DIALTONE_LIBRARIES_ARCHIVES)) \
		$(@D)/archives
	$(@D)/toolchains/third-party --licences $(@D)/archives $(@D)/licences
endef

define DIALTONE_LIBRARIES_BUILD_CMDS
	rm -rf $(@D)/work $(@D)/prefix
	$(TARGET_MAKE_ENV) CMAKE=$(BR2_CMAKE) JOBS=$(PARALLEL_JOBS) \
		$(@D)/toolchains/third-party \
		$(HOST_DIR)/share/buildroot/toolchainfile.cmake \
		$(@D)/archives $(@D)/work $(@D)/prefix
endef

define DIALTONE_LIBRARIES_INSTALL_STAGING_CMDS
	rm -rf $(DIALTONE_LIBRARIES_PREFIX)
	mkdir -p $(dir $(DIALTONE_LIBRARIES_PREFIX))
	cp -R $(@D)/prefix $(DIALTONE_LIBRARIES_PREFIX)
endef

$(eval $(generic-package))
