# SPDX-License-Identifier: Apache-2.0
# The libraries that toolchains/bootstrap built, as targets dialtone::NAME. A static archive costs a
# program only what the program uses of it.
#
# In: DIALTONE_TARGET (host, host-fuzz, armhf, arm64, or the path of another toolchain file), or
# DIALTONE_PREFIX, a folder that toolchains/third-party has filled. DIALTONE_CACHE is where
# toolchains/bootstrap keeps its folders; a build tree remembers it, because what makes CMake run
# again (a changed file, a rebuild by who packages the program) has another environment.

set(DIALTONE_CACHE "" CACHE PATH "Where toolchains/bootstrap keeps what it builds, if not at home")
if(DEFINED ENV{DIALTONE_CACHE})
  set_property(CACHE DIALTONE_CACHE PROPERTY VALUE "$ENV{DIALTONE_CACHE}")
endif()

if(NOT DIALTONE_PREFIX)
  set(bootstrap ${CMAKE_SOURCE_DIR}/toolchains/bootstrap --prefix ${DIALTONE_TARGET})
  if(DIALTONE_CACHE)
    set(bootstrap ${CMAKE_COMMAND} -E env DIALTONE_CACHE=${DIALTONE_CACHE} ${bootstrap})
  endif()
  execute_process(COMMAND ${bootstrap} OUTPUT_VARIABLE DIALTONE_PREFIX
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  # A changed lock or recipe means another folder: configure again then.
  file(GLOB patches CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/toolchains/patches/*.patch)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
               ${patches}
               ${CMAKE_SOURCE_DIR}/toolchains/third-party.lock
               ${CMAKE_SOURCE_DIR}/toolchains/third-party
               ${CMAKE_SOURCE_DIR}/toolchains/print_toolchain.cmake
               ${CMAKE_SOURCE_DIR}/toolchains/mbedtls_config.h)
endif()
if(NOT IS_DIRECTORY ${DIALTONE_PREFIX})
  set(words ${DIALTONE_TARGET})
  if(DIALTONE_TARGET STREQUAL "host-fuzz")
    set(words "host --fuzz")
  endif()
  message(FATAL_ERROR "The third-party libraries for ${DIALTONE_TARGET} are not built yet "
                      "(${DIALTONE_PREFIX} is missing). Run: toolchains/bootstrap ${words}")
endif()

# third_party(NAME ARCHIVE... [NEEDS TARGET...])
function(third_party name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "NEEDS")
  add_library(dialtone::${name} INTERFACE IMPORTED)
  foreach(archive ${arg_UNPARSED_ARGUMENTS})
    list(APPEND files ${DIALTONE_PREFIX}/lib/${archive})
  endforeach()
  target_link_libraries(dialtone::${name} INTERFACE ${files} ${arg_NEEDS})
  target_include_directories(dialtone::${name} SYSTEM INTERFACE ${DIALTONE_PREFIX}/include)
endfunction()

third_party(mbedcrypto libmbedcrypto.a)
third_party(mbedtls libmbedtls.a libmbedx509.a NEEDS dialtone::mbedcrypto)
third_party(tinyxml2 libtinyxml2.a)
third_party(osip libosipparser2.a)
third_party(cares libcares.a)
third_party(curl libcurl.a NEEDS dialtone::mbedtls dialtone::cares)
third_party(microhttpd libmicrohttpd.a)
third_party(zlib libz.a)
third_party(yaml libyaml.a)
third_party(ubootenv libubootenv.a NEEDS dialtone::yaml dialtone::zlib)
third_party(doctest)
target_compile_definitions(dialtone::curl INTERFACE CURL_STATICLIB)
target_compile_definitions(dialtone::cares INTERFACE CARES_STATICLIB)
target_compile_definitions(dialtone::doctest INTERFACE
                           DOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS)
