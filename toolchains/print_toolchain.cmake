# SPDX-License-Identifier: Apache-2.0
# Prints what a toolchain file sets, for libraries that are not built by CMake:
#     cmake -DTOOLCHAIN_FILE=FILE -P print_toolchain.cmake
# Called by toolchains/third-party.
include(${TOOLCHAIN_FILE})
message("toolchain CC=${CMAKE_C_COMPILER}")
message("toolchain CXX=${CMAKE_CXX_COMPILER}")
message("toolchain AR=${CMAKE_AR}")
message("toolchain RANLIB=${CMAKE_RANLIB}")
message("toolchain TOOLCHAIN_SYSROOT=${CMAKE_SYSROOT}")
message("toolchain TOOLCHAIN_C_FLAGS=${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_INIT}")
message("toolchain TOOLCHAIN_CXX_FLAGS=${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_INIT}")
message("toolchain TOOLCHAIN_LINKER_FLAGS=${CMAKE_EXE_LINKER_FLAGS} ${CMAKE_EXE_LINKER_FLAGS_INIT}")
