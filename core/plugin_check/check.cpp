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

// A plugin that is wrong everywhere must not fill the memory of the one who reports it.
constexpr std::size_t max_written = 1024 * 1024;

std::string type_name(const std::exception& thrown) {
    int status = 0;
    const char* mangled = typeid(thrown).name();
    const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(mangled, nullptr, nullptr, &status),
                                                      std::free);
    return name ? name.get() : mangled;
}

}  // namespace

void Check::scene(std::string scene) {
    {
        const std::lock_guard lock(mutex_);
        scene_ = std::move(scene);
    }
    doing({});
}

void Check::doing(std::string_view step) {
    const std::lock_guard lock(mutex_);
    step_ = step;
    const std::string all = scene_ + (step.empty() || scene_.empty() ? "" : ", ") + step_;
    const std::size_t size = std::min(all.size(), Pulse::longest);
    std::memcpy(pulse_.doing, all.data(), size);
    pulse_.doing[size] = '\0';
    beat();
}

void Check::add(Gravity gravity, std::string_view id, std::string_view text, std::string_view contract,
                std::string_view detail) {
    const std::lock_guard lock(mutex_);
    std::string scene = scene_ + (step_.empty() || scene_.empty() ? "" : ", ") + step_;
    if (!detail.empty()) scene += (scene.empty() ? "" : ": ") + printable(detail);
    write(encoded({gravity, std::string(id), std::string(text), std::move(scene), std::string(contract)}));
}

void Check::fact(std::string_view name, std::string_view value) {
    const std::lock_guard lock(mutex_);
    write(encoded_fact(name, value));
}

void Check::threw(std::string_view member, const std::exception* thrown) {
    const std::string name(member.substr(std::min(member.find(", ") + 2, member.size())));
    const char* what = thrown ? thrown->what() : nullptr;
    add(Gravity::error, "exception", "an exception left " + name,
        "result.hpp: failures are values, never exceptions; " + std::string(member),
        thrown ? type_name(*thrown) + ": " + (what ? what : "") : "something that is no std::exception");
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
