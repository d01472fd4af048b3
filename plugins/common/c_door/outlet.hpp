// SPDX-License-Identifier: Apache-2.0
// Checks the output of a library in a call, for every kind.  It lives as long
// as the library's state, so that it detects a library that uses the pointer after the call.
// One thread at a time.
#pragma once

#include "plugins/common/c_door/mistake.hpp"
#include "plugins/common/c_door/services.hpp"

#include <gatehouse/c.h>
#include <gatehouse/host.hpp>
#include <gatehouse/result.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::c_bridge {

inline constexpr std::size_t max_error_bytes = 64 * 1024;

/// The output of the library in a call.  At most one member of this and of the derived struct is set.
struct Outcome {
    std::optional<std::string> failure;  // the library's JSON
    std::optional<Error> error;          // an error of the library, or of its answer
};

/// `Said` is the Outcome of the kind, and `Call` its call: a struct with `name`, for messages, and `allowed`,
/// the bits of the functions that the call may use.
template <typename Call, typename Said>
class Outlet {
public:
    explicit Outlet(const Limits& limits) : limits_(limits) {}
    Outlet(const Outlet&) = delete;
    Outlet& operator=(const Outlet&) = delete;

protected:
    /// A call of the library, from the construction to the destruction.
    struct Scope {
        Scope(Outlet& to, const Call& call) : outlet(to) {
            outlet.call_ = call;
            outlet.spent_ = 0;
            // Functions that the library calls between two calls are reported by the next call.
        }
        ~Scope() {
            outlet.call_ = {};
            outlet.said_ = {};
        }
        Outlet& outlet;
    };

    /// Runs `act` for out->`name`, if the call may use `verb`.  Returns false if `act` does, or after an
    /// error. Functions are ignored after the first failure.
    template <typename Act>
    bool take(unsigned verb, std::string_view name, Act&& act) noexcept {
        if (said_.failure || said_.error) return false;
        const std::string function = "out->" + std::string(name);
        try {
            if (!call_.name) throw Mistake(function + " was called outside of the call that received it");
            if (!(call_.allowed & verb))
                throw Mistake(function + " was called in " + call_.name + ", which may not");
            return act() && !said_.error;
        } catch (const Mistake& mistake) {
            said_.error = defect(mistake.what());
        } catch (const std::exception&) {
            said_.error = defect("the argument of " + function + " could not be stored");
        }
        return false;
    }

    /// out->fail of every kind.  `verb` is its bit.
    void take_failure(unsigned verb, gatehouse_c_bytes error) noexcept {
        take(verb, "fail", [&] {
            said_.failure.emplace(view("the error", error, max_error_bytes, "the bound"));
            return true;
        });
    }

    /// Counts an event with `bytes` of text.  `verb` for the message: "emits".  Throws Mistake above the
    /// bound.
    void spend(std::size_t bytes, std::string_view verb) {
        spent_ += bytes + bytes_of_an_event;
        if (spent_ > limits_.max_answer_bytes)
            throw Mistake(std::string(call_.name) + " " + std::string(verb) +
                          " more than max_response_bytes, " + std::to_string(limits_.max_answer_bytes) +
                          ", in one call");
    }

    /// A text of the library, within max_event_bytes.
    std::string_view text(const char* what, gatehouse_c_bytes bytes) const {
        return view(what, bytes, limits_.max_event_bytes, "max_event_bytes");
    }

    const Limits limits_;
    Call call_{};
    Said said_;

private:
    static constexpr std::size_t bytes_of_an_event = 128;  // approximate memory without its texts
    std::size_t spent_ = 0;                                // bytes of this call's events
};

}  // namespace gatehouse::c_bridge
