# SPDX-License-Identifier: Apache-2.0
# The system that the toolchain file names, a module of CMake: Linux by another name.
include(Platform/Linux)
