# SPDX-License-Identifier: Apache-2.0
# Precompiled headers: what nearly every source includes of the C++ library is read by the compiler
# once. A source still includes what it uses (tests/lint holds it to that), so that it compiles
# without them too.
#
# In: DIALTONE_PRECOMPILED_HEADERS.

option(DIALTONE_PRECOMPILED_HEADERS "Read the C++ library's headers once a build" OFF)

set(precompiled_headers <algorithm> <array> <cstdint> <deque> <expected> <functional> <map> <memory>
    <optional> <span> <string> <string_view> <utility> <variant> <vector>)

if(DIALTONE_PRECOMPILED_HEADERS AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # With it a compiler cache can tell what a source is made of.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
elseif(DIALTONE_PRECOMPILED_HEADERS)
  # The same bytes whenever it is made, for the same reason.
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endif()

# dialtone_precompile(TARGET [HEADER...]): makes them anew, with more of them.
function(dialtone_precompile target)
  if(DIALTONE_PRECOMPILED_HEADERS)
    target_precompile_headers(${target} PRIVATE ${precompiled_headers} ${ARGN})
  endif()
endfunction()

# dialtone_reuse_precompiled(TARGET OWNER): takes what OWNER has; their flags have to be the same.
function(dialtone_reuse_precompiled target owner)
  if(DIALTONE_PRECOMPILED_HEADERS)
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()
