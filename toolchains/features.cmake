# SPDX-License-Identifier: Apache-2.0
# What a build has in it: one table of features and vendors, each an option that leaves it out, so
# that a maker pays only for what he ships (docs/figures.md has the size of each).
#
# A row's state is `in`, `out` (its option is off) or `none yet` (its folder has no source). It is
# printed when the build is configured and by `--build-info`, and stands in dialtone_features.h:
#     DIALTONE_PROFILES         the profiles of the vendors that are in, by name
#     with_tr069 ...            whether a feature is in; what belongs to it stands behind
#                               `if constexpr`, and the linker leaves out what nobody calls
#     build_features            names and states, for --build-info
#
# Out: dialtone_vendors (those that are in), dialtone_left_out (options that are off).

set(dialtone_features "" CACHE INTERNAL "Features and vendors, in the order of their rows")

# dialtone_feature(NAME FOLDER WORDS): option DIALTONE_NAME for what FOLDER holds
function(dialtone_feature name folder words)
  option(DIALTONE_${name} "${words}" ON)
  file(GLOB sources ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  dialtone_row(${name} "${words}" "${sources}")
endfunction()

# dialtone_vendor(NAME WORDS): option DIALTONE_VENDOR_NAME for the profile in agent/vendor/
function(dialtone_vendor name words)
  option(DIALTONE_VENDOR_${name} "${words}" ON)
  dialtone_row(VENDOR_${name} "${words}" agent/vendor)
endfunction()

function(dialtone_row name words sources)
  if(NOT sources)
    set(state "none yet")
  elseif(DIALTONE_${name})
    set(state "in")
  else()
    set(state "out")
  endif()
  set(dialtone_features ${dialtone_features} ${name} CACHE INTERNAL "")
  set(dialtone_state_${name} ${state} CACHE INTERNAL "")
  string(LENGTH "${name}" length)
  math(EXPR gap "20 - ${length}")
  string(REPEAT " " ${gap} gap)
  message(STATUS "${name}${gap}${state}: ${words}")
endfunction()

# dialtone_features_header(FILE VENDOR...): of a build with these vendors, whatever the options say
function(dialtone_features_header file)
  set(profiles "")
  set(constants "")
  set(rows "")
  foreach(name ${dialtone_features})
    set(state ${dialtone_state_${name}})
    string(TOLOWER ${name} lower)
    if(name MATCHES "^VENDOR_(.*)$")
      set(state "out")
      if(CMAKE_MATCH_1 IN_LIST ARGN)
        set(state "in")
        string(TOLOWER ${CMAKE_MATCH_1} vendor)
        list(APPEND profiles "&${vendor}_profile")
      endif()
    else()
      set(value false)
      if(state STREQUAL "in")
        set(value true)
      endif()
      string(APPEND constants "inline constexpr bool with_${lower} = ${value};\n")
    endif()
    string(APPEND rows "    {\"${lower}\", \"${state}\"},\n")
  endforeach()
  if(NOT profiles)
    message(FATAL_ERROR "No vendor is in: a phone needs the profile of one. Leave one of "
                        "DIALTONE_VENDOR_... on.")
  endif()
  list(SORT profiles)
  list(JOIN profiles ", " profiles)
  configure_file(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/dialtone_features.h.in ${file} @ONLY)
endfunction()

dialtone_feature(TR069 agent/cwmp "TR-069, management by an ACS")
dialtone_feature(FIRMWARE agent/firmware "firmware updates")
dialtone_feature(DECT agent/dect "handsets of DECT base stations")
dialtone_vendor(FANVIL "phones of Fanvil")
dialtone_vendor(GRANDSTREAM "phones of Grandstream")

set(dialtone_vendors "")
set(dialtone_left_out "")
foreach(name ${dialtone_features})
  if(dialtone_state_${name} STREQUAL "out")
    list(APPEND dialtone_left_out DIALTONE_${name})
  elseif(name MATCHES "^VENDOR_(.*)$")
    list(APPEND dialtone_vendors ${CMAKE_MATCH_1})
  endif()
endforeach()
dialtone_features_header(${CMAKE_BINARY_DIR}/generated/dialtone_features.h ${dialtone_vendors})
