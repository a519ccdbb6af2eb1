// SPDX-License-Identifier: Apache-2.0
//
// The process list shows every argument of every program to every user. Both programs copy their
// arguments first and then, before anything else, overwrite what is secret in the memory that
// /proc/PID/cmdline shows.
#pragma once

#include <span>

namespace dialtone {

// Overwrites with '*', in place and keeping lengths:
// - the value of KEY=VALUE (alone, after --set or in --set=) when KEY is a setting of type secret
//   or no setting at all: a misspelt name must not show the password behind it;
// - in values of other settings the userinfo and the query of a URL;
// - the values of --password and --key.
// A value that begins with a single '@' names a file and stays.
void blank_secret_arguments(std::span<char* const> arguments);

}  // namespace dialtone
