// SPDX-License-Identifier: Apache-2.0
//
// What the C++ runtime calls in std::terminate(). Its own handler prints the name of an exception,
// which this project never throws, and brings a demangler of 33 KB for it. Linked into each program
// by name: from an archive the linker would take the runtime's handler first.
#include <cstdlib>

namespace __gnu_cxx {

void __verbose_terminate_handler();  // NOLINT(bugprone-reserved-identifier): the runtime's name

void __verbose_terminate_handler() {  // NOLINT(bugprone-reserved-identifier)
    std::abort();
}

}  // namespace __gnu_cxx
