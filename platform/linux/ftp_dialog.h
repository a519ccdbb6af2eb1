// SPDX-License-Identifier: Apache-2.0
//
// What an FTP server says on its control connection (RFC 959 4.2), as far as curl's results leave
// it open, and those results as faults of the agent. Called by transfers.cpp.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/linux/transfer_words.h"

namespace dialtone {

// RFC 959 4.2.2.
inline constexpr uint16_t reply_ready_later = 120;
inline constexpr uint16_t reply_ready = 220;
inline constexpr uint16_t reply_wants_password = 331;
inline constexpr uint16_t reply_wants_account = 332;
inline constexpr uint16_t reply_not_logged_in = 530;

// Takes in one line with its line end, as curl hands it over.
void read_reply_line(FtpDialog& dialog, std::string_view line);

// Nothing may break out of a command: curl sends user and password as they are.
bool fits_a_command(std::string_view text);

// For any `code` that judge_failure() does not know better.
TransferVerdict judge_ftp_failure(CURLcode code, const TransferCircumstances& circumstances);

}  // namespace dialtone
