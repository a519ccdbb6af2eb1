# SPDX-License-Identifier: Apache-2.0
# A stand-in for OpenWrt's tree, as far as a package meets it: rules.mk and, in include/, package.mk
# and cmake.mk. The names are OpenWrt's, what stands behind them is written for the tests.
#     make -C PACKAGE TOPDIR=FOLDER OUT=FOLDER STEP
# STEP is dumpinfo, download, prepare, configure, compile or install. OUT has mirror/, the one place
# where downloads come from, and staging_dir/, with the compiler. DIALTONE_TEST_OBJECTS in the
# environment are the only ones that are built, DIALTONE_TEST_PROGRAM takes the place of what would be
# linked of all.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

INCLUDE_DIR := $(TOPDIR)/include
BUILD_DIR := $(OUT)/build_dir
DL_DIR := $(OUT)/dl
STAGING_DIR := $(OUT)/staging_dir/target
STAGING_DIR_HOST := $(OUT)/staging_dir/host
TOOLCHAIN_DIR := $(OUT)/staging_dir/toolchain
export PATH := $(TOOLCHAIN_DIR)/bin:$(STAGING_DIR_HOST)/bin:$(PATH)
export STAGING_DIR

ARCH := arm
TARGET_CC_NOCACHE := arm-linux-gcc
TARGET_CXX_NOCACHE := arm-linux-g++
TARGET_AR := arm-linux-gnueabihf-gcc-ar
TARGET_RANLIB := arm-linux-gnueabihf-gcc-ranlib
TARGET_CFLAGS := -Os -pipe -Wformat -Werror=format-security -fstack-protector -D_FORTIFY_SOURCE=1 -Wl,-z,now -Wl,-z,relro
TARGET_CXXFLAGS := $(TARGET_CFLAGS)
TARGET_LDFLAGS := -znow -zrelro
CP := cp -fpR
INSTALL_DIR := install -d -m0755
INSTALL_BIN := install -m0755
empty :=
space := $(empty) $(empty)
define sep


endef
