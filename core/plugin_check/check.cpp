// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/check.hpp"

#include <cxxabi.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <typeinfo>

namespace gatehouse::core::plugin_check {

namespace {

// A plugin with very many findings must not fill the memory of the reporting process.
constexpr std::size_t max_written = 1024 * 1024;

std::string type_name(const std::exception& thrown) {
    int status = 0;
    const char* mangled = typeid(thrown).name();
    const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(mangled, nullptr, nullptr, &status),
                                                      std::free);
    return name ? name.get() : mangled;
}

}  // namespace

void Check::context(std::string context) {
    {
        const std::lock_guard lock(mutex_);
        context_ = std::move(context);
    }
    doing({});
}

void Check::doing(std::string_view step) {
    const std::lock_guard lock(mutex_);
    step_ = step;
    const std::string all = context_ + (step.empty() || context_.empty() ? "" : ", ") + step_;
    const std::size_t size = std::min(all.size(), Pulse::longest);
    std::memcpy(pulse_.doing, all.data(), size);
    pulse_.doing[size] = '\0';
    beat();
}

void Check::add(Severity severity, std::string_view id, std::string_view text, std::string_view contract,
                std::string_view detail) {
    const std::lock_guard lock(mutex_);
    std::string context = context_ + (step_.empty() || context_.empty() ? "" : ", ") + step_;
    if (!detail.empty()) context += (context.empty() ? "" : ": ") + printable(detail);
    write(encoded({severity, std::string(id), std::string(text), std::move(context), std::string(contract)}));
}

void Check::fact(std::string_view name, std::string_view value) {
    const std::lock_guard lock(mutex_);
    write(encoded_fact(name, value));
}

void Check::threw(std::string_view member, const std::exception* thrown) {
    const std::string name(member.substr(std::min(member.find(", ") + 2, member.size())));
    const char* what = thrown ? thrown->what() : nullptr;
    add(Severity::error, "exception", "an exception left " + name,
        "result.hpp: failures are values, never exceptions; " + std::string(member),
        thrown ? type_name(*thrown) + ": " + (what ? what : "") : "an object that is not a std::exception");
}

void Check::write(const std::string& line) {
    if (written_ + line.size() > max_written) return;
    written_ += line.size();
    for (std::size_t at = 0; at < line.size();) {
        const ssize_t size = ::write(pipe_, line.data() + at, line.size() - at);
        if (size <= 0) return;
        at += static_cast<std::size_t>(size);
    }
}

}  // namespace gatehouse::core::plugin_check
