# SPDX-License-Identifier: Apache-2.0
# The one set of compiler and linker flags, for programs and tests alike: what is tested ships.
#
# In: DIALTONE_SANITIZE (list of -fsanitize= names, empty in what ships). Optimisation across files
# is off: it saves 45 KB of dialtoned and costs 5 % more instructions.
#
# They come after those of who packages the program (his toolchain file, CXXFLAGS, the build type):
# what the program counts on is set whatever he says. Asserts stay in a release, char has a sign.
# His _FORTIFY_SOURCE stays his. Warnings end the build under the project's presets alone
# (CMAKE_COMPILE_WARNING_AS_ERROR): he has other compilers.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# Names in programs and messages are relative to the repository, so a build does not depend on where
# it lies.
add_compile_options(
  -Wall -Wextra -Wconversion -UNDEBUG -fno-exceptions -fno-rtti -fsigned-char -fPIE
  -ffunction-sections -fdata-sections -g1 -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
add_compile_definitions(_FILE_OFFSET_BITS=64 _TIME_BITS=64)
add_link_options(-pie -Wl,--gc-sections -Wl,--as-needed -Wl,-z,relro,-z,now)

# dialtone_fortify(VARIABLE): the flag that has the C library check sizes, empty if the compiler or
# who packages the program defines it already.
function(dialtone_fortify variable)
  include(CheckCXXSourceCompiles)
  set(CMAKE_TRY_COMPILE_CONFIGURATION ${CMAKE_BUILD_TYPE})
  set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
  set(CMAKE_REQUIRED_FLAGS -Os)  # some compilers define it only where they optimise
  check_cxx_source_compiles("#ifndef _FORTIFY_SOURCE\n#error it is not\n#endif\nint checked;"
                            DIALTONE_IS_FORTIFIED)
  set(flag -D_FORTIFY_SOURCE=2)
  if(DIALTONE_IS_FORTIFIED)
    set(flag "")
  endif()
  set(${variable} ${flag} PARENT_SCOPE)
endfunction()

if(DIALTONE_SANITIZE)
  list(JOIN DIALTONE_SANITIZE "," sanitizers)
  add_compile_options(-O1 -fsanitize=${sanitizers} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${sanitizers})
else()
  add_compile_options(-Os -fstack-protector-strong)
  dialtone_fortify(fortify_flag)
  add_compile_options(${fortify_flag})
  # The C++ library is part of the program; the phone's own C library is not.
  add_link_options(-static-libstdc++ -static-libgcc)
endif()
