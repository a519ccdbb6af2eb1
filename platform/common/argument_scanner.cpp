// SPDX-License-Identifier: Apache-2.0
#include "platform/common/argument_scanner.h"

#include "agent/nearest_name.h"
#include "agent/text.h"

namespace dialtone {
namespace {

const OptionForm* find_form(std::span<const OptionForm> forms, std::string_view name) {
    for (const OptionForm& form : forms) {
        if (form.name == name) return &form;
    }
    return nullptr;
}

std::unexpected<Error> fail_unknown(std::string_view name, std::span<const OptionForm> forms) {
    std::vector<std::string_view> known;
    for (const OptionForm& form : forms)
        known.push_back(form.name);
    return fail(ErrorCode::bad_usage, "unknown option " + quoted(name) + did_you_mean(name, known) +
                                          " (--help lists all options)");
}

}  // namespace

Result<std::vector<Argument>> scan_arguments(std::span<const std::string> arguments,
                                             std::span<const OptionForm> forms) {
    std::vector<Argument> found;
    bool options_end = false;
    for (uint32_t i = 0; i < arguments.size(); ++i) {
        const std::string_view text = arguments[i];
        if (options_end || !text.starts_with('-') || text == "-") {
            found.push_back({nullptr, text});
            continue;
        }
        if (text == "--") {
            options_end = true;
            continue;
        }
        const auto equals = text.find('=');
        const std::string_view name = text.substr(0, equals);
        const OptionForm* form = find_form(forms, name);
        if (form == nullptr) return fail_unknown(name, forms);
        const bool has_value = equals != std::string_view::npos;
        if (!form->takes_value && has_value) {
            return fail(ErrorCode::bad_usage, "option " + std::string(name) + " takes no value");
        }
        if (!form->takes_value || has_value) {
            found.push_back({form, has_value ? text.substr(equals + 1) : std::string_view{}});
            continue;
        }
        if (++i == arguments.size()) {
            return fail(ErrorCode::bad_usage, "option " + std::string(name) + " needs a value");
        }
        found.push_back({form, arguments[i]});
    }
    return found;
}

}  // namespace dialtone
