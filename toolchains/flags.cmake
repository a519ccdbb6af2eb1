# SPDX-License-Identifier: Apache-2.0
# The one set of compiler and linker flags, for programs and tests alike: what is tested ships.
#
# In: DIALTONE_SANITIZE (list of -fsanitize= names, empty in what ships). Optimisation across files
# is off: it saves 45 KB of dialtoned and costs 5 % more instructions.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# Names in programs and messages are relative to the repository, so a build does not depend on where
# it lies.
add_compile_options(
  -Wall -Wextra -Wconversion -Werror -fno-exceptions -fno-rtti -fsigned-char -fPIE
  -ffunction-sections -fdata-sections -g1 -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
add_compile_definitions(_FILE_OFFSET_BITS=64 _TIME_BITS=64)
add_link_options(-pie -Wl,--gc-sections -Wl,--as-needed -Wl,-z,relro,-z,now)

if(DIALTONE_SANITIZE)
  list(JOIN DIALTONE_SANITIZE "," sanitizers)
  add_compile_options(-O1 -fsanitize=${sanitizers} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${sanitizers})
else()
  add_compile_options(-Os -fstack-protector-strong -D_FORTIFY_SOURCE=2)
  # The C++ library is part of the program; the phone's own C library is not.
  add_link_options(-static-libstdc++ -static-libgcc)
endif()
