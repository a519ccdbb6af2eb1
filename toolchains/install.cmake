# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where, in two components: `phone`, which becomes part of an image, and
# `development`, for those who drive the agent in a world of their own (docs/porting.md).
#
# In: DIALTONE_SERVICE (systemd, openrc, busybox, none): whose service file is installed.

# Where the programs look for them, whatever the prefix; DESTDIR stands before it.
set(CMAKE_INSTALL_SYSCONFDIR /etc CACHE PATH "Folder of configuration files")
include(GNUInstallDirs)
set(DIALTONE_SERVICE none CACHE STRING "Service file to install: systemd, openrc, busybox, none")
set_property(CACHE DIALTONE_SERVICE PROPERTY STRINGS systemd openrc busybox none)

# --- phone ----------------------------------------------------------------------------------

install(TARGETS dialtoned RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR} COMPONENT phone)
# The tool is the same program by another name, wherever the two folders are.
set(daemon_path ${CMAKE_INSTALL_FULL_SBINDIR}/dialtoned)
cmake_path(RELATIVE_PATH daemon_path BASE_DIRECTORY ${CMAKE_INSTALL_FULL_BINDIR})
set(tool_link ${CMAKE_BINARY_DIR}/generated/dialtone)
file(CREATE_LINK ${daemon_path} ${tool_link} SYMBOLIC)
install(PROGRAMS ${tool_link} DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT phone)
install(PROGRAMS rootfs/usr/sbin/dialtone-udhcpc
        DESTINATION ${CMAKE_INSTALL_SBINDIR} COMPONENT phone)
install(PROGRAMS rootfs/usr/share/dialtone/udhcpc.script rootfs/usr/share/dialtone/udhcpc6.script
        DESTINATION ${CMAKE_INSTALL_DATADIR}/dialtone COMPONENT phone)
install(FILES rootfs/services/dialtone.conf
        DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/dialtone COMPONENT phone)
install(DIRECTORY DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/dialtone/hooks.d COMPONENT phone)

if(DIALTONE_SERVICE STREQUAL "systemd")
  install(FILES rootfs/services/dialtoned.service rootfs/services/dialtone-helper.socket
                rootfs/services/dialtone-helper@.service rootfs/services/dialtone-udhcpc@.service
          DESTINATION lib/systemd/system COMPONENT phone)
  install(FILES rootfs/services/dialtone.sysusers
          DESTINATION lib/sysusers.d RENAME dialtone.conf COMPONENT phone)
elseif(DIALTONE_SERVICE STREQUAL "openrc")
  install(PROGRAMS rootfs/services/dialtoned.openrc
          DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/init.d RENAME dialtoned COMPONENT phone)
elseif(DIALTONE_SERVICE STREQUAL "busybox")
  install(PROGRAMS rootfs/services/S60dialtoned
          DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/init.d COMPONENT phone)
elseif(NOT DIALTONE_SERVICE STREQUAL "none")
  message(FATAL_ERROR "DIALTONE_SERVICE is '${DIALTONE_SERVICE}'; known: systemd, openrc, busybox, "
                      "none")
endif()

# --- development ----------------------------------------------------------------------------

# The agent, the port and the loop that drives one in the other; with the three libraries the agent
# is built on, in a folder of their own, because these are the ones it was tested with.
set(dialtone_archives ${CMAKE_INSTALL_LIBDIR}/dialtone)
install(TARGETS dialtone_agent dialtone_port
        ARCHIVE DESTINATION ${dialtone_archives} COMPONENT development)
foreach(archive mbedcrypto tinyxml2 osipparser2)
  install(FILES ${DIALTONE_PREFIX}/lib/lib${archive}.a
          DESTINATION ${dialtone_archives} COMPONENT development)
endforeach()
install(DIRECTORY agent DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/dialtone COMPONENT development
        FILES_MATCHING PATTERN "*.h")
install(FILES platform/world.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/dialtone/platform COMPONENT development)

configure_file(toolchains/dialtone.pc.in ${CMAKE_BINARY_DIR}/generated/dialtone.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/generated/dialtone.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
