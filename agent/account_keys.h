// SPDX-License-Identifier: Apache-2.0
//
// Which keys of a vendor's configuration a SIP account is made of, as data of its profile, and how
// a value is written there. The data model of TR-104 reads and writes accounts by it; its names of
// parameters are the ones that tell what a key means. What is not in a vendor's table has no key
// whose meaning is known.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace dialtone {

// How a parameter's value stands in the value of a key.
enum class AccountForm : uint8_t {
    text,    // as it is
    host,    // before the port of HOST:PORT; an IPv6 address in brackets
    port,    // behind it, and 5060 where there is none
    active,  // 1 or 0: whether the phone uses the account
};

struct AccountKey {
    std::string_view parameter;  // of TR-104, below VoiceProfile.{i}.
    AccountForm form = AccountForm::text;
    bool tells_account = false;                   // one who has set it has set up the account
    std::span<const std::string_view> keys = {};  // of account 1 and on; or:
    std::string_view pattern = {};                // `#` stands for the account's number
    // The spelling of files made by hand; it counts where the other one is not there.
    std::string_view other_pattern = {};
};

struct AccountKeys {
    uint32_t accounts = 0;  // whose keys are known
    std::span<const AccountKey> keys = {};
};

// `object`: below VoiceProfile.{i}., with its dot, or empty. nullptr: the vendor has no key of
// known meaning for the parameter.
const AccountKey* find_account_key(const AccountKeys& keys, std::string_view object,
                                   std::string_view name);

// `account`: 1 to AccountKeys::accounts.
std::string account_key(const AccountKey& row, uint32_t account);
std::string other_account_key(const AccountKey& row, uint32_t account);  // empty: it has none
// The same parameter's key in the other spelling; empty: it has one, or none.
std::string other_spelling(const AccountKeys& keys, std::string_view key);

// The parts of HOST:PORT; the port is 5060 where the text has none that is one.
inline constexpr uint32_t sip_default_port = 5060;
std::string sip_server_host(std::string_view text);
uint32_t sip_server_port(std::string_view text);
// `host`: a name, or an address without brackets.
std::string sip_server_text(std::string_view host, uint32_t port);

}  // namespace dialtone
