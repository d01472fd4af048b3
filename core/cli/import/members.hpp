// SPDX-License-Identifier: Apache-2.0
// Reads a configuration of another program, and records the members that nothing has read.  [main thread]
#pragma once

#include "core/cli/import/yaml.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// Paths that have no counterpart, such as "model_list.model_info.mode", each with its number of occurrences.
using LeftOut = std::map<std::string, int>;

/// The members of an object.  A member that is not taken is left out.
class InputMembers {
public:
    /// `object` must outlive this.  Anything else than an object has no members.
    InputMembers(const OrderedJson& object, std::string path, LeftOut& left_out)
        : object_(object), path_(std::move(path)), left_out_(left_out) {}
    InputMembers(const InputMembers&) = delete;
    InputMembers& operator=(const InputMembers&) = delete;
    ~InputMembers();

    /// The member, which counts as read; null if it does not exist.
    const OrderedJson& take(std::string_view name);
    /// The same as a text: a number and a boolean as they are written; empty if it does not exist.  The four
    /// calls below report a member of another type as left out.
    std::string take_text(std::string_view name);
    /// The same as a number, also if it is written as a text; nothing if it does not exist.
    std::optional<double> take_number(std::string_view name);
    /// The same as an object, or as a list; an empty one if it does not exist.
    const OrderedJson& take_object(std::string_view name);
    const OrderedJson& take_list(std::string_view name);
    /// The number without reading the member: it is still left out.
    std::optional<double> look_at_number(std::string_view name) const;
    /// Marks all members as read, because the importer reports the whole object.
    void ignore_rest();
    /// Says that the value of a member has no counterpart.
    void leave_out(const std::string& name) { ++left_out_[path_.empty() ? name : path_ + "." + name]; }

    const std::string& path() const { return path_; }
    LeftOut& left_out() { return left_out_; }

private:
    const OrderedJson& taken(std::string_view name, const OrderedJson& found, const OrderedJson& otherwise);

    const OrderedJson& object_;
    const std::string path_;
    LeftOut& left_out_;
    std::set<std::string, std::less<>> taken_;
};

/// `value` if it is an object; otherwise an empty one.  Valid as long as `value`.
const OrderedJson& object_in(const OrderedJson& value);

/// `value` if it is a list; otherwise a list of it alone.
OrderedJson as_list(const OrderedJson& value);

/// Whether a name has a star, which stands for many models.
bool has_star(std::string_view name);

/// Whether a value says something: null, false, and a list or an object without members do not.
bool says_something(const OrderedJson& value);

/// A number, also if it is written as a text.
std::optional<double> number_of(const OrderedJson& value);

/// A scalar as a text; empty for null, lists and objects.
std::string text_of(const OrderedJson& value);

}  // namespace gatehouse::core
