// SPDX-License-Identifier: Apache-2.0
//
// What the C++ runtime calls when all is lost. Its own handler would print the name of an exception
// that this project never throws, and brings a demangler of 33 KB for it. Linked into each program
// by name, because an archive's copy would come too late.
#include <cstdlib>

namespace __gnu_cxx {

void __verbose_terminate_handler();  // NOLINT(bugprone-reserved-identifier): the runtime's name

void __verbose_terminate_handler() {  // NOLINT(bugprone-reserved-identifier)
    std::abort();
}

}  // namespace __gnu_cxx
